import { instant } from "./instant.ts"
import type { SoapFault } from "./soap.ts"
import { element, escape, leaf, type Xml } from "./xml.ts"

/** WS-BaseFaults 1.2: every fault of WS-BaseNotification has a time and a description. */
const baseFault = (name: string, now: number, why: string, extra: ReadonlyArray<Xml> = []): Xml =>
  element(
    name,
    {},
    leaf("wsrf-bf:Timestamp", instant(now, "utc")),
    element("wsrf-bf:Description", { "xml:lang": "en" }, escape(why)),
    ...extra
  )

/** ONVIF Core, Event Handling, SOAP fault messages: faults of the event services are Receiver faults, HTTP 500. */
const eventFault = (name: string, now: number, why: string, extra?: ReadonlyArray<Xml>): SoapFault => ({
  code: "Receiver",
  subcodes: [],
  reason: why,
  status: 500,
  detail: baseFault(name, now, why, extra),
  action: "http://docs.oasis-open.org/wsn/fault"
})

export const eventFaults = {
  resourceUnknown: (now: number): SoapFault => ({
    ...eventFault("wsrf-r:ResourceUnknownFault", now, "there is no such subscription"),
    action: "http://docs.oasis-open.org/wsrf/fault"
  }),
  createFailed: (now: number, why: string) => eventFault("wsnt:SubscribeCreationFailedFault", now, why),
  unableToGetMessages: (now: number) =>
    eventFault("wsnt:UnableToGetMessagesFault", now, "another PullMessages is under way"),
  unacceptableInitialTerminationTime: (now: number) =>
    eventFault("wsnt:UnacceptableInitialTerminationTimeFault", now, "the termination time is not acceptable", [
      leaf("wsnt:MinimumTime", instant(now + 1000, "utc"))
    ]),
  unacceptableTerminationTime: (now: number) =>
    eventFault("wsnt:UnacceptableTerminationTimeFault", now, "the termination time is not acceptable", [
      leaf("wsnt:MinimumTime", instant(now + 1000, "utc"))
    ]),
  dialectUnknown: (now: number, dialect: string) =>
    eventFault("wsnt:TopicExpressionDialectUnknownFault", now, `unknown dialect ${dialect}`),
  invalidTopicExpression: (now: number, expression: string) =>
    eventFault("wsnt:InvalidTopicExpressionFault", now, `not a topic expression: ${expression}`),
  invalidContentExpression: (now: number, dialect: string) =>
    eventFault("wsnt:InvalidMessageContentExpressionFault", now, `content is not filtered by ${dialect}`),
  /** event.wsdl, PullMessages: the limits that would have been acceptable. */
  pullLimits: (maxTimeout: string, maxMessageLimit: number): SoapFault => ({
    code: "Receiver",
    subcodes: [],
    reason: "the timeout is longer than this device waits",
    status: 500,
    detail: element(
      "tev:PullMessagesFaultResponse",
      {},
      leaf("tev:MaxTimeout", maxTimeout),
      leaf("tev:MaxMessageLimit", maxMessageLimit)
    ),
    action: "http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/PullMessages/Fault/PullMessagesFaultResponse"
  })
} as const
