import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"
import { afterEach, expect, test } from "vitest"
import { Bench } from "./bench.ts"
import { soap, text } from "./client.ts"
import { actions, messages, serviceOf, topicFilter, unsubscribe } from "./events-client.ts"

const bench = new Bench()
let server: Server | undefined

afterEach(async () => {
  await bench.clear()
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())))
  server = undefined
})

/** Somebody messages are sent to. */
const consumer = async (): Promise<{ readonly url: string; readonly next: () => Promise<string> }> => {
  const heard: Array<string> = []
  const waiting: Array<(body: string) => void> = []
  server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      response.writeHead(202).end()
      const body = Buffer.concat(chunks).toString()
      const hear = waiting.shift()
      if (hear === undefined) heard.push(body)
      else hear(body)
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve))
  const next = (): Promise<string> => {
    const body = heard.shift()
    return body === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(body)
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`, next }
}

test("a subscriber with an address is sent what happens, in order, until it unsubscribes", async () => {
  const camera = await bench.camera()
  const { url, next } = await consumer()
  const created = await soap({
    url: serviceOf(camera.url, "event_service"),
    action: actions.subscribe,
    body:
      `<wsnt:Subscribe><wsnt:ConsumerReference><a:Address>${url}</a:Address></wsnt:ConsumerReference>` +
      `${topicFilter("tns1:VideoSource/MotionAlarm").replaceAll("tev:", "wsnt:")}` +
      "<wsnt:InitialTerminationTime>PT60S</wsnt:InitialTerminationTime></wsnt:Subscribe>"
  })
  expect(created.status).toBe(200)
  const initial = await next()
  expect(text(initial, "Action")).toBe("http://docs.oasis-open.org/wsn/bw-2/NotificationConsumer/Notify")
  expect(messages(initial)).toMatchObject([{ topic: "tns1:VideoSource/MotionAlarm", operation: "Initialized" }])
  camera.happen({ _tag: "Motion", source: "source-1", on: true })
  camera.happen({ _tag: "Motion", source: "source-1", on: false })
  expect(messages(await next())).toMatchObject([{ operation: "Changed", items: { State: "true" } }])
  expect(messages(await next())).toMatchObject([{ operation: "Changed", items: { State: "false" } }])
  const address = text(created.text, "Address") ?? ""
  expect((await unsubscribe(address)).status).toBe(200)
  expect(camera.subscriptions.open()).toBe(0)
})

test("a subscriber whose address is none is refused", async () => {
  const camera = await bench.camera()
  const reply = await soap({
    url: serviceOf(camera.url, "event_service"),
    action: actions.subscribe,
    body: "<wsnt:Subscribe><wsnt:ConsumerReference><a:Address>nowhere</a:Address></wsnt:ConsumerReference></wsnt:Subscribe>"
  })
  expect([reply.status, reply.text.includes("ter:InvalidArgs")]).toEqual([400, true])
})

test("a subscriber that is gone does not hold the device up", async () => {
  const camera = await bench.camera()
  const body = (to: string): string =>
    `<wsnt:Subscribe><wsnt:ConsumerReference><a:Address>${to}</a:Address></wsnt:ConsumerReference></wsnt:Subscribe>`
  const url = serviceOf(camera.url, "event_service")
  const created = await soap({ url, action: actions.subscribe, body: body("http://127.0.0.1:9/nobody") })
  expect(created.status).toBe(200)
  camera.happen({ _tag: "Motion", source: "source-1", on: true })
  expect((await unsubscribe(text(created.text, "Address") ?? "")).status).toBe(200)
  await Effect.runPromise(camera.counters.until(() => camera.subscriptions.open() === 0))
})
