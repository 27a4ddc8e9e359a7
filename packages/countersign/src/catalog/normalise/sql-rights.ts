type Node = { readonly [member: string]: unknown };

/** Statements that are about who may do what, whatever they say; and a block of code, which could hold any of them. */
const statements =
  /^(?:Grant(?:Role)?|AlterDefaultPrivileges|(?:Create|Alter|Drop)Role|AlterRoleSet|AlterOwner|(?:Create|Alter)Policy|ReassignOwned|DropOwned|SecLabel|(?:Create|Alter|Drop)UserMapping|Do)Stmt$/;
const commands = /^AT_(?:ChangeOwner|(?:Enable|Disable|Force|NoForce)RowSecurity)$/;
/** Settings by which a session acts as somebody else, or sees what policies hide. */
const settings = /^(?:role|session_authorization|row_security)$/i;
/** Catalogs of PostgreSQL in which rights stand. */
const catalogs = /^(?:pg_catalog\.)?pg_(?:auth\w*|default_acl|policy|class|proc|namespace|database|user_mapping\w*)$/;

/** Whether a node of a statement changes who may do what, or as whom what follows is done. */
export function changesRights(kind: string, node: Node): boolean {
  if (statements.test(kind)) return true;
  switch (kind) {
    case "AlterTableCmd":
      return commands.test(String(node.subtype));
    case "DropStmt":
      return node.removeType === "OBJECT_POLICY";
    case "RenameStmt":
      return node.renameType === "OBJECT_ROLE" || node.renameType === "OBJECT_POLICY";
    case "CreateSchemaStmt":
      return node.authrole !== undefined;
    case "DiscardStmt":
      return node.target === "DISCARD_ALL";
    case "VariableSetStmt":
      return isSetting(node);
    case "AlterDatabaseSetStmt":
      return isNode(node.setstmt) && isSetting(node.setstmt);
    case "DefElem":
      // Of a function: it acts with the rights of its owner.
      return node.defname === "security";
    case "FuncCall":
      return isSetConfig(node);
    default:
      return false;
  }
}

export function holdsRights(table: string): boolean {
  return catalogs.test(table);
}

function isSetting({ kind, name }: Node): boolean {
  return kind === "VAR_RESET_ALL" || (typeof name === "string" && settings.test(name));
}

/** `set_config`, unless it says plainly that it is about another setting. */
function isSetConfig({ funcname, args }: Node): boolean {
  const [called] = Array.isArray(funcname) ? funcname.slice(-1) : [];
  if (textOf(called, "String") !== "set_config") return false;
  const [first]: readonly unknown[] = Array.isArray(args) ? args : [];
  const constant = isNode(first) && isNode(first.A_Const) ? first.A_Const.sval : undefined;
  return !isNode(constant) || typeof constant.sval !== "string" || settings.test(constant.sval);
}

function textOf(node: unknown, kind: string): string | undefined {
  const inner = isNode(node) ? node[kind] : undefined;
  return isNode(inner) && typeof inner.sval === "string" ? inner.sval : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
