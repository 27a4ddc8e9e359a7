import { isPlaceholder } from "./placeholder.ts";

/** A kind of credential that can be told by how it begins. `pattern` is tried only where one of `anchors` stands. */
export interface TokenRule {
  readonly id: string;
  readonly anchors: readonly string[];
  /** Sticky; bounded quantifiers only, so that the work per anchor is bounded. */
  readonly pattern: RegExp;
  readonly accept: (match: string) => boolean;
}

const real = (match: string): boolean => !isPlaceholder(match.slice(4));

function rule(id: string, anchors: string, pattern: RegExp, accept: (match: string) => boolean = real): TokenRule {
  return { id, anchors: anchors.split(" "), pattern: new RegExp(`(?<![A-Za-z0-9])(?:${pattern.source})`, "y"), accept };
}

/** A model provider's key, not a name in kebab case that happens to begin like one. */
function isOpaqueKey(key: string): boolean {
  if (!real(key)) return false;
  return /^sk-(?:proj|svcacct|admin|or-v1|ant)-/.test(key)
    ? /[A-Z0-9]/.test(key.slice(9))
    : /\d/.test(key) && /[A-Z]/.test(key);
}

/** Kinds that the recommended preset misses, or finds only at one length (measured; the test says which). */
export const tokenRules: readonly TokenRule[] = [
  rule(
    "aws-access-key-id",
    "AKIA ASIA ABIA ACCA A3T",
    /(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z2-7]{16}(?![A-Za-z0-9])/,
    (id) => !id.endsWith("EXAMPLE"),
  ),
  rule(
    "stripe",
    "sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
    /(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}|whsec_[A-Za-z0-9+/]{24,64}={0,2})/,
  ),
  rule(
    "github",
    "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
    /(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{50,255})/,
  ),
  rule(
    "gitlab",
    "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- gloas-",
    /gl(?:pat|dt|rt|cbt|ptt|ft|soat|oas)-[A-Za-z0-9_.-]{20,300}/,
  ),
  rule("openai", "sk-", /sk-(?:(?:proj|svcacct|admin|or-v1|ant-[a-z0-9]{3,8})-)?[A-Za-z0-9_-]{20,220}/, isOpaqueKey),
  rule("google-api-key", "AIza", /AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/),
  rule(
    "google-oauth",
    "ya29. GOCSPX- 1//0",
    /(?:ya29\.[A-Za-z0-9_-]{20,2048}|GOCSPX-[A-Za-z0-9_-]{24,32}|1\/\/0[A-Za-z0-9_-]{40,200})/,
  ),
  rule(
    "slack",
    "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp-",
    /(?:xox[a-es-]|xox[opr]|xapp)[-.][A-Za-z0-9%-]{10,400}/,
  ),
  rule(
    "slack-webhook",
    "hooks.slack.com/",
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9]{6,40}\/[A-Za-z0-9]{6,40}\/[A-Za-z0-9]{16,60}/,
  ),
  rule("twilio-key", "SK", /SK[0-9a-f]{32}(?![A-Za-z0-9])/),
  rule("sendgrid", "SG.", /SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}/),
  rule("npm", "npm_", /npm_[A-Za-z0-9]{36,64}(?![A-Za-z0-9_])/),
  rule("pypi", "pypi-", /pypi-AgE[A-Za-z0-9_-]{50,400}/),
  rule(
    "private-token",
    "dop_v1_ doo_v1_ dor_v1_ sntrys_ sntryu_ pscale_ sbp_ r8_ hf_ gsk_ xai- pplx- NRAK- PMAK- ATATT3 ATBB HRKU- dckr_pat_ lin_api_ ntn_ secret_ figd_ shpat_ shpca_ shppa_ shpss_ sq0atp- sq0csp- dp.pt. dp.st. tskey- glsa_ glc_ rubygems_ FlyV1 tfp_ vcp_ phx_",
    /(?:do[ort]_v1_|dop_v1_|sntry[su]_|pscale_(?:tkn|pw|oauth)_|sbp_|r8_|hf_|gsk_|xai-|pplx-|NRAK-|PMAK-|ATATT3|ATBB|HRKU-|dckr_pat_|lin_api_|ntn_|secret_|figd_|shp(?:at|ca|pa|ss)_|sq0(?:atp|csp)-|dp\.[ps]t\.|tskey-[a-z]{2,20}-|gls?[ac]_|rubygems_|FlyV1 |vcp_|phx_)[A-Za-z0-9_=+/.-]{24,400}/,
    (token) => real(token) && /\d/.test(token) && !/^secret_[a-z_]+$/.test(token),
  ),
  rule("vault", "hvs. hvb. hvr. .atlasv1.", /hv[sbr]\.[A-Za-z0-9_-]{24,400}/),
  rule("databricks", "dapi", /dapi[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])/),
  rule("age", "AGE-SECRET-KEY-", /AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{40,3000}/),
  rule(
    "jwt",
    "eyJ",
    /eyJ[A-Za-z0-9_-]{8,4096}\.(?:eyJ[A-Za-z0-9_-]{6,8192}\.[A-Za-z0-9_-]{16,2048}|[A-Za-z0-9_-]{0,1024}\.[A-Za-z0-9_-]{8,64}\.[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{16,64})/,
    isJwt,
  ),
  rule(
    "azure-key",
    "AccountKey= SharedAccessKey= accountkey=",
    /(?:AccountKey|SharedAccessKey|accountkey)=[A-Za-z0-9+/]{40,90}={0,2}/,
  ),
  rule(
    "azure-sas",
    "sig= sig%3D",
    /sig(?:=|%3D)(?:[A-Za-z0-9%/+]{43,80}=?)/i,
    (sig) => /\d/.test(sig) && /[A-Z]/.test(sig),
  ),
  rule("telegram", "bot bot1", /bot\d{8,10}:[A-Za-z0-9_-]{33,36}/),
  rule("countersign", "csk_ csp_ csl_ css_", /cs[kpls]_[0-9a-hjkmnp-tv-z]{26}_[0-9A-Za-z]{49}/, () => true),
  rule("mailgun", "key-", /key-[0-9a-f]{32}(?![0-9a-z])/),
];

/** Kinds whose telling part is not at the beginning; each is run over the text where `hint` occurs in it. */
export const looseRules: readonly { readonly id: string; readonly hint: string; readonly pattern: RegExp }[] = [
  {
    id: "azure-client-secret",
    hint: "Q~",
    pattern: /(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])/g,
  },
  {
    id: "terraform-cloud",
    hint: ".atlasv1.",
    pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}/g,
  },
  { id: "telegram", hint: ":AA", pattern: /(?<![A-Za-z0-9])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])/g },
  { id: "azure-devops", hint: "AZDO", pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/g },
];

/** The token that the best known documentation of the format shows. */
const documentedSignature = "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

function isJwt(token: string): boolean {
  const header = Buffer.from(token.slice(0, token.indexOf(".")), "base64url").toString("utf8");
  return /"(?:alg|enc|typ)"\s*:/.test(header) && !token.endsWith(documentedSignature);
}
