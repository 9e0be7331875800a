import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** How often a throttled connection passes its share on. */
const sliceMs = 50

interface Pair {
  readonly client: Socket
  readonly server: Socket
  frozen: boolean
}

/** Passes on what `from` says at so many bytes a second; the rest waits where TCP keeps it. */
const passOn = (from: Socket, to: Socket, rate: () => number | undefined, pair: Pair): void => {
  let allowed = 0
  let timer: NodeJS.Timeout | undefined
  const slice = (): void => {
    timer = undefined
    if (pair.frozen || to.destroyed) return
    const bytesPerSecond = rate()
    allowed = bytesPerSecond === undefined ? Infinity : Math.min(allowed, 0) + (bytesPerSecond * sliceMs) / 1000
    read()
  }
  const read = (): void => {
    if (pair.frozen || to.destroyed) return
    while (allowed > 0) {
      const size = Math.min(from.readableLength, allowed)
      const chunk = from.read(size < 1 ? undefined : Math.floor(size)) as Buffer | null
      if (chunk === null) return
      allowed -= chunk.length
      to.write(chunk)
    }
    if (from.readableLength > 0) timer ??= setTimeout(slice, sliceMs)
  }
  from.on("readable", () => {
    if (rate() === undefined) allowed = Infinity
    if (timer !== undefined) return
    if (allowed > 0 && rate() === undefined) return read()
    timer = setTimeout(slice, sliceMs)
  })
  from.once("close", () => {
    clearTimeout(timer)
    if (!pair.frozen) to.destroy()
  })
  from.on("error", () => {})
}

/** A proxy in front of a peer that does to its connections what networks do. */
export const startProxy = async (target: number) => {
  const pairs = new Set<Pair>()
  let opened = 0
  let rate: number | undefined
  let refusing = false
  const server = createServer((client) => {
    opened++
    if (refusing) return void client.destroy()
    const pair: Pair = { client, server: connect(target, "127.0.0.1"), frozen: false }
    pairs.add(pair)
    client.once("close", () => pairs.delete(pair))
    passOn(client, pair.server, () => undefined, pair)
    passOn(pair.server, client, () => rate, pair)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  const cut = (): void => {
    for (const { client, server: peer } of pairs) {
      client.destroy()
      peer.destroy()
    }
  }
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    /** Connections that were ever opened. */
    opened: () => opened,
    /** Both ends of every connection are gone at once. */
    cut,
    /** Nothing passes any more on the connections there are now, and nobody is told; new ones are not concerned. */
    freeze: (): void => {
      for (const pair of pairs) pair.frozen = true
    },
    /** What the peer says comes at so many bytes a second; `undefined` as fast as it can. */
    throttle: (bytesPerSecond: number | undefined): void => void (rate = bytesPerSecond),
    /** Whether new connections are closed at once, and those there are with them. */
    refuse: (does: boolean): void => {
      refusing = does
      if (does) cut()
    },
    stop: async (): Promise<void> => {
      cut()
      server.close()
      await once(server, "close")
    }
  }
}

export type Proxy = Awaited<ReturnType<typeof startProxy>>
