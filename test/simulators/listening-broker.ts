import { createServer, type Server, type Socket } from "node:net"
import { Aedes } from "aedes"
import { freePort } from "../road/peers.ts"

/** What a broker heard: `payload` as text. */
export interface Heard {
  readonly client: string
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
}

/** A broker that remembers what it heard, can withhold its acknowledgements, and can go away and come back. */
export class ListeningBroker {
  readonly heard: Array<Heard> = []
  readonly port: number
  #aedes: Aedes | undefined
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()
  #withheld: Array<() => void> | undefined
  readonly #watchers = new Set<() => void>()

  constructor(port: number) {
    this.port = port
  }

  static async start(): Promise<ListeningBroker> {
    const broker = new ListeningBroker(await freePort())
    await broker.come()
    return broker
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`
  }

  get connected(): number {
    return this.#aedes?.connectedClients ?? 0
  }

  async come(): Promise<void> {
    const aedes = await Aedes.createBroker()
    aedes.authorizePublish = (client, packet, decide) => {
      const keep = (): void => {
        this.heard.push({
          client: client?.id ?? "",
          topic: packet.topic,
          payload: packet.payload.toString(),
          retain: packet.retain
        })
        decide(null)
        this.#told()
      }
      if (this.#withheld === undefined) keep()
      else {
        this.#withheld.push(keep)
        this.#told()
      }
    }
    aedes.on("clientDisconnect", () => this.#told())
    aedes.on("client", () => this.#told())
    const server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.once("close", () => this.#sockets.delete(socket))
      aedes.handle(socket)
    })
    this.#aedes = aedes
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve))
  }

  async go(): Promise<void> {
    const [aedes, server] = [this.#aedes, this.#server]
    this.#aedes = undefined
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())))
    await new Promise<void>((resolve) => (aedes === undefined ? resolve() : aedes.close(() => resolve())))
  }

  withhold(): void {
    this.#withheld = []
  }

  /** Messages that have arrived and wait for their acknowledgement. */
  get withheld(): number {
    return this.#withheld?.length ?? 0
  }

  /** Acknowledges what was withheld, and everything from now on. */
  release(): void {
    const withheld = this.#withheld ?? []
    this.#withheld = undefined
    for (const keep of withheld) keep()
  }

  #told(): void {
    for (const watcher of this.#watchers) watcher()
  }

  /** Completes once `holds` does; asked whenever the broker hears something or a client comes or goes. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
  }

  /** What was heard on a topic, in order. */
  on(topic: string): ReadonlyArray<string> {
    return this.heard.filter((one) => one.topic === topic).map(({ payload }) => payload)
  }
}
