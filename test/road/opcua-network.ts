import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** Nothing passes on it any more: what TCP would repeat, this network has forgotten. */
  dead: boolean
}

/** A network in front of a panel, of which each kind of trouble can be had. */
export const startNetwork = async (target: number) => {
  const pairs = new Set<Pair>()
  let refuses = false
  let swallows = false
  let said = 0
  const passOn = (pair: Pair, from: Socket, to: Socket): void => {
    from.on("data", (chunk: Buffer) => {
      if (pair.dead) return
      to.write(chunk)
      if (from === pair.server) said++
    })
    from.on("error", () => {})
    from.once("close", () => {
      pairs.delete(pair)
      if (!pair.dead) to.destroy()
    })
  }
  const server = createServer((client) => {
    if (refuses) return void client.resetAndDestroy()
    const pair: Pair = { client, server: connect(target, "127.0.0.1"), dead: swallows }
    pairs.add(pair)
    passOn(pair, client, pair.server)
    passOn(pair, pair.server, client)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const cut = (): void => {
    for (const { client, server: panel } of pairs) {
      client.resetAndDestroy()
      panel.resetAndDestroy()
    }
  }
  return {
    port: (server.address() as AddressInfo).port,
    /** Each connection is reset at both of its ends. */
    cut,
    /** Connections are reset, and new ones refused as well, until it is told otherwise. */
    refuse: (does: boolean): void => {
      refuses = does
      if (does) cut()
    },
    /** Packets vanish and nobody is told, on new connections too, until it is told otherwise. What was lost stays lost. */
    swallow: (does: boolean): void => {
      swallows = does
      if (does) for (const pair of pairs) pair.dead = true
    },
    /** Connections on which something may pass. */
    connections: (): number => [...pairs].filter(({ dead }) => !dead).length,
    /** How often the panel has said something, to anybody. */
    said: (): number => said,
    stop: async (): Promise<void> => {
      cut()
      for (const { client, server: panel } of pairs) {
        client.destroy()
        panel.destroy()
      }
      server.close()
      await once(server, "close")
    }
  }
}

export type Network = Awaited<ReturnType<typeof startNetwork>>
