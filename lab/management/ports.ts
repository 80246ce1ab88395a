/**
 * Ports of the management plane on 127.0.0.1. Constants, because the lab has its own network namespace; below 30000, where
 * neither NodePorts nor ephemeral ports are.
 */
export const PORTS = {
  apiServer: 21001,
  controllerManager: 21002,
  etcdClient: 21010,
  etcdPeer: 21011,
} as const;
