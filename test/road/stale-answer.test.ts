import { Effect, Fiber, Schedule, Schema } from "effect"
import mqttClient from "mqtt"
import { expect, it } from "vitest"
import type { NotKept } from "../../adapters/adapter.ts"
import { adapters } from "../../adapters/adapters.ts"
import { behave, packetsOf, type Session, startFakeBroker, types } from "./fake-broker.ts"
import { deviceOf, profilesDirectory } from "./supervised.ts"

/** Something that hears messages and keeps them later: told of each, with what to call once it is kept. */
type Hearer = (url: string, heard: (action: string, kept: () => void) => void) => () => Promise<unknown>

const gateway: Hearer = (url, heard) => {
  const { link, Settings } = adapters["mqtt"]!
  const settings = Schema.decodeUnknownSync(Settings)({ broker: { url, clientId: "g" } })
  const attempts = link(settings, {
    link: "mqtt",
    devices: [deviceOf("button")],
    timeZone: "UTC",
    profilesDirectory,
    report: ({ observations }, settled: (refusal?: NotKept) => void) => {
      const [press] = observations
      if (press?._tag !== "Occurrence") return void setImmediate(settled)
      heard("action" in press.occurrence ? press.occurrence.action : "", () => settled())
    },
    online: Effect.void,
    refused: () => {},
    now: Date.now,
    count: () => {},
    granted: () => {},
    able: () => Effect.void,
    memory: new Map()
  }).pipe(Effect.retry(Schedule.spaced("50 millis")))
  const fiber = Effect.runFork(attempts)
  return () => Effect.runPromise(Fiber.interrupt(fiber))
}

/** The control: mqtt.js with its own reconnecting, which answers by whatever connection there is when a message is kept. */
const reconnecting: Hearer = (url, heard) => {
  const client = mqttClient.connect(url, { clientId: "g", clean: false, protocolVersion: 5, reconnectPeriod: 50 })
  client.on("connect", () => void client.subscribe("zigbee2mqtt/#", { qos: 1 }))
  client.handleMessage = ({ payload }, kept) =>
    heard((JSON.parse(payload.toString()) as { readonly action: string }).action, kept)
  return () => client.endAsync(true)
}

/**
 * A message is being kept when the connection goes and the broker forgets the session; the first message of the next one
 * has the same packet id. Answers whether that one was acknowledged though nobody has kept it.
 */
const answersWhatIsNotKept = async (hearer: Hearer): Promise<boolean> => {
  const sessions: Array<Session> = []
  const broker = await startFakeBroker((packet, session) => {
    behave(5, packet, session)
    if (packet.type !== types.subscribe || sessions[session.nth - 1] !== undefined) return
    sessions.push(session)
    const action = session.nth === 1 ? "before" : "after"
    session.send(packetsOf(5).publish({ topic: "zigbee2mqtt/button", payload: JSON.stringify({ action }) }))
  })
  const keep = new Map<string, () => void>()
  const stop = hearer(broker.url, (action, kept) => keep.set(action, kept))
  try {
    await expect.poll(() => keep.has("before")).toBe(true)
    sessions[0]?.socket.destroy()
    await expect.poll(() => sessions.length).toBe(2)
    const answered = () => sessions[1]?.received.some(({ type }) => type === types.puback) === true
    keep.get("before")?.()
    // Long enough for the message to arrive, and for a wrong answer to it to be written.
    await new Promise((resolve) => setTimeout(resolve, 200))
    const tooEarly = answered()
    keep.get("after")?.()
    await expect.poll(answered).toBe(true)
    return tooEarly
  } finally {
    await stop()
    await broker.stop()
  }
}

it("a message is never acknowledged for another that had its packet id before the session was lost", async () => {
  expect(await answersWhatIsNotKept(gateway)).toBe(false)
})

it("would be, by a client that answers whenever it is done", async () => {
  expect(await answersWhatIsNotKept(reconnecting)).toBe(true)
})
