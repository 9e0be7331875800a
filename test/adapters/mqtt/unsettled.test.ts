import { PassThrough } from "node:stream"
import { expect, it } from "vitest"
import type { Publish } from "../../../adapters/mqtt/publish-packet.ts"
import { Unsettled, unsettledMax } from "../../../adapters/mqtt/unsettled.ts"

const message = (messageId: number | undefined, qos: 0 | 1 | 2 = 1): Publish => ({
  topic: "a",
  payload: Buffer.alloc(0),
  qos,
  messageId,
  dup: false,
  retain: false
})

/** The messages of a connection, and each write to it in hexadecimal. */
const opened = () => {
  const writes: Array<string> = []
  const stream = new PassThrough()
  stream.on("data", (bytes: Buffer) => writes.push(bytes.toString("hex")))
  let rooms = 0
  const unsettled = new Unsettled(
    (bytes) => void stream.write(bytes),
    () => rooms++
  )
  return { writes, unsettled, rooms: () => rooms, turn: () => new Promise((done) => setImmediate(done)) }
}

it("messages are answered in their order, those of one commit in one write", async () => {
  const { writes, unsettled, turn } = opened()
  const [first, second, third] = [1, 2, 0xffff].map((id) => unsettled.take(message(id)))
  unsettled.settle(third!)
  unsettled.settle(second!)
  await turn()
  expect(writes).toEqual([])
  unsettled.settle(first!)
  await turn()
  expect(writes).toEqual(["40020001400200024002ffff"])
})

it("a message of QoS 2 is answered by PUBREC and its release by PUBCOMP, one of QoS 0 not at all", async () => {
  const { writes, unsettled, turn } = opened()
  for (const one of [message(7, 2), message(undefined, 0), message(8)]) unsettled.settle(unsettled.take(one))
  await turn()
  unsettled.complete(7)
  await turn()
  expect(writes).toEqual(["5002000740020008", "70020007"])
})

it("as many messages as may wait fill it, and their answers make room", async () => {
  const { unsettled, rooms, turn } = opened()
  const all = Array.from({ length: unsettledMax }, (_, nth) => unsettled.take(message(nth + 1)))
  expect(unsettled.isFull).toBe(true)
  expect(rooms()).toBe(0)
  unsettled.settle(all[0]!)
  await turn()
  expect(unsettled.isFull).toBe(false)
  expect(rooms()).toBe(1)
})

it("what is to be done with a message once it is answered is done in the order of the messages, after the answers", async () => {
  const { writes, unsettled, turn } = opened()
  const done: Array<string> = []
  const take = (id: number) => unsettled.take(message(id), () => void done.push(`${id} after ${writes.length}`))
  const [first, second, third] = [1, 2, 3].map(take)
  unsettled.settle(second!)
  await turn()
  expect(done).toEqual([])
  unsettled.settle(first!)
  await turn()
  expect(done).toEqual(["1 after 1", "2 after 1"])
  unsettled.settle(third!)
  await turn()
  expect(done.at(-1)).toBe("3 after 2")
})
