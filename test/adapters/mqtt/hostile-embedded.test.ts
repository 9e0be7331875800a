import { once } from "node:events"
import { type AddressInfo, connect } from "node:net"
import { expect, it } from "vitest"
import { makeBrokerSocket } from "../../../adapters/mqtt/broker-socket.ts"
import { packetsOf } from "../../road/fake-broker.ts"

it("what a device sends while aedes is busy is handed on to its last byte, though aedes reads once and waits to be called", async ({
  onTestFinished
}) => {
  // Of QoS 2: these are aedes' own.
  const large = packetsOf(4).publish({ topic: "t", payload: Buffer.alloc(250_000), qos: 2 })
  const said = Buffer.concat([Buffer.from([0x10, 2, 0, 0]), large, large, large, large])
  let busy = true
  let read = 0
  let take = (): void => {}
  let letIn = (): void => {}
  const { server, destroy } = makeBrokerSocket(undefined, expect.unreachable, ({ stream, reader }) => {
    letIn = () => reader.hear({ message: () => expect.unreachable(), alive: () => {}, isFull: () => false })
    take = () => {
      read += (stream.read() as Buffer | null)?.length ?? 0
    }
    stream.on("readable", () => {
      if (!busy) take()
    })
  })
  onTestFinished(destroy)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const device = connect((server.address() as AddressInfo).port, "127.0.0.1")
  onTestFinished(() => void device.destroy())
  device.write(said)
  // It has kept what it had, a message at a time, and reads on: not because it is called.
  await new Promise((resolve) => setTimeout(resolve, 100))
  busy = false
  take()
  expect(read).toBe(4)
  letIn()
  take()
  await expect.poll(() => read).toBe(said.length)
})
