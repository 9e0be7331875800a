import { type ClientRequest, request as plainRequest } from "node:http"
import { request as secureRequest } from "node:https"
import { randomUUID } from "node:crypto"
import type { DeviceContext } from "./device-context.ts"
import { type Notification, notificationsXml } from "./notification.ts"
import { envelope } from "./soap.ts"
import type { Delivery } from "./subscriptions.ts"
import { element, join, leaf } from "./xml.ts"

/** bw-2.wsdl, NotificationConsumer. */
const notifyAction = "http://docs.oasis-open.org/wsn/bw-2/NotificationConsumer/Notify"

/** A consumer that does not answer is given up for that message: nothing in WS-BaseNotification repeats it. */
const answerWithinMs = 5000

/** Messages that wait for the consumer's answer to the one before; beyond, the oldest is dropped and counted. */
const waitingMax = 100

const post = (address: string, body: string, onDone: () => void): ClientRequest => {
  const secure = address.startsWith("https:")
  const send = secure ? secureRequest : plainRequest
  const options = {
    method: "POST",
    agent: false as const,
    timeout: answerWithinMs,
    headers: {
      "content-type": `application/soap+xml; charset=utf-8; action="${notifyAction}"`,
      "content-length": Buffer.byteLength(body)
    }
  }
  const request = send(address, options, (response) => {
    response.resume()
    response.once("close", onDone)
  })
  request.on("timeout", () => request.destroy())
  request.on("error", onDone)
  request.end(body)
  return request
}

const notify = (context: DeviceContext, consumer: string, messages: ReadonlyArray<Notification>): string =>
  envelope(
    join([
      leaf("wsa:Action", notifyAction),
      leaf("wsa:MessageID", `urn:uuid:${randomUUID()}`),
      leaf("wsa:To", consumer)
    ]),
    element("wsnt:Notify", {}, notificationsXml(messages, context.faults(), `${context.base()}/onvif/event_service`))
  )

/** Posts messages to a consumer, one request at a time and in order. */
export const pushTo = (context: DeviceContext, consumer: string): Extract<Delivery, { _tag: "Push" }> => {
  const waiting: Array<ReadonlyArray<Notification>> = []
  let underWay: ClientRequest | undefined
  const next = (): void => {
    const messages = waiting.shift()
    underWay = undefined
    if (messages === undefined) return
    const request = post(consumer, notify(context, consumer, messages), () => {
      if (underWay === request) next()
    })
    underWay = request
  }
  return {
    _tag: "Push",
    deliver: (messages) => {
      waiting.push(messages)
      if (waiting.length > waitingMax) context.subscriptions.counts.dropped += waiting.shift()?.length ?? 0
      if (underWay === undefined) next()
    },
    end: () => {
      waiting.length = 0
      const request = underWay
      underWay = undefined
      request?.destroy()
    }
  }
}
