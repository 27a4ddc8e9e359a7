export { runBridge } from "./bridge.ts";
export { createMcpDoor, type McpDoor } from "./door.ts";
export { type McpDoorConfig, mcpDoorDefaults } from "./setting.ts";
