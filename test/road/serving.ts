import type { Server } from "node:http"
import type { AddressInfo } from "node:net"

/** A server of HTTP on a port of its own of the loopback interface. */
export interface Serving {
  readonly port: number
  /** Ends what is still connected, and completes once nothing listens any more. */
  readonly close: () => Promise<void>
}

/** Completes once the server listens. */
export const serving = async (server: Server): Promise<Serving> => {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      })
  }
}
