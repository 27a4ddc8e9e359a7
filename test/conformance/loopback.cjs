// Preloaded into the conformance referee: a server that names no host would listen on every interface of the machine.
const net = require("node:net");
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  const rest = args.filter((arg) => arg !== undefined);
  if (typeof rest[0] === "object" && rest[0] !== null && !Array.isArray(rest[0]) && rest[0].path === undefined) {
    return listen.call(this, { ...rest[0], host: "127.0.0.1" }, ...rest.slice(1));
  }
  const callback = typeof rest.at(-1) === "function" ? [rest.at(-1)] : [];
  const port = typeof rest[0] === "function" || rest[0] === undefined ? 0 : rest[0];
  if (typeof port === "string" && Number.isNaN(Number(port))) return listen.apply(this, args);
  return listen.call(this, { port: Number(port), host: "127.0.0.1" }, ...callback);
};
