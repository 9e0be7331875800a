import { connect, type Socket } from "node:net"
import { answerReader, connectPacket, publishPacket, topicOf } from "./packets.ts"

/** Where a device connects, and who it is. */
export interface DeviceAt {
  readonly port: number
  readonly id: string
}

/** A device whose connection is closed tries again after this long, as mqtt.js does by default. */
const againAfterMs = 1000

/**
 * One device with a connection of its own. It publishes to its own topic at QoS 1, and cheaply, so that it is not what
 * is measured. When the broker closes its connection it connects anew and sends again what was not acknowledged.
 */
export class Device {
  readonly #at: DeviceAt
  readonly #topic: Buffer
  /** Packets that are not acknowledged, by packet id. */
  readonly #unanswered = new Map<number, Buffer>()
  #socket: Socket | undefined
  #next = 0
  #reconnects = 0
  #corked = false
  #closed = false
  #answered = (): void => {}
  #room = (): void => {}

  constructor(at: DeviceAt) {
    this.#at = at
    this.#topic = topicOf(`zigbee2mqtt/${at.id}`)
  }

  /** Connects; rejects when the broker refuses it, or hangs up before it has said yes. */
  connect(): Promise<void> {
    const { port, id } = this.#at
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(connectPacket(id)))
      const refused = (): void => reject(new Error(`the broker closed the connection of ${id} before it accepted it`))
      const read = answerReader((answer) => {
        if (answer._tag === "Puback") {
          this.#unanswered.delete(answer.id)
          return this.#answered()
        }
        if (answer.code !== 0) return reject(new Error(`the broker refuses ${id} with code ${answer.code}`))
        socket.off("close", refused).on("close", () => this.#lost())
        this.#socket = socket
        for (const packet of this.#unanswered.values()) socket.write(packet)
        resolve()
      })
      socket
        .setNoDelay(true)
        .on("data", read)
        .on("drain", () => this.#room())
        .on("error", reject)
        .on("close", refused)
    })
  }

  #lost(): void {
    if (this.#closed) return
    this.#socket = undefined
    this.#reconnects++
    setTimeout(() => void this.connect().then(() => this.#room()), againAfterMs)
  }

  publish(payload: string): void {
    // Ids that are still waiting for their answer are not free.
    do this.#next = (this.#next % 0xffff) + 1
    while (this.#unanswered.has(this.#next))
    const packet = publishPacket(this.#topic, payload, this.#next)
    this.#unanswered.set(this.#next, packet)
    if (this.#socket === undefined) return
    this.#cork(this.#socket)
    this.#socket.write(packet)
  }

  /** What is published in one turn of the event loop is one write, as any client library has it. */
  #cork(socket: Socket): void {
    if (this.#corked) return
    this.#corked = true
    socket.cork()
    process.nextTick(() => {
      this.#corked = false
      socket.uncork()
    })
  }

  /** Messages the broker has not acknowledged. */
  get unanswered(): number {
    return this.#unanswered.size
  }

  /** How often the broker has closed the connection of a device that it had accepted. */
  get reconnects(): number {
    return this.#reconnects
  }

  /** Whether the network takes no more just now. */
  get isFull(): boolean {
    return this.#socket === undefined || this.#socket.writableNeedDrain
  }

  /** Calls `answered` for each acknowledgement. */
  onAnswer(answered: () => void): void {
    this.#answered = answered
  }

  /** Calls `room` when the network takes more again. */
  onRoom(room: () => void): void {
    this.#room = room
  }

  close(): void {
    this.#closed = true
    this.#socket?.destroy()
  }
}

/** A connected device; see `Device.connect`. */
export const connectDevice = async (at: DeviceAt): Promise<Device> => {
  const device = new Device(at)
  await device.connect()
  return device
}
