import { Effect } from "effect"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { type Addressing, type Answer, type Call, CallFailed, type Connection } from "../wire/connection.ts"
import type { ClockReading } from "../clock/device-clock.ts"
import type { LeaseTimes } from "./lease.ts"
import { tev, wsnt, wsntWsdl } from "../wire/namespaces.ts"
import { formatDeviceTime, formatDuration, parseDeviceTime } from "../wire/onvif-time.ts"
import { addressingNamespace } from "../wire/soap.ts"
import { attributeOf, descendantOf, escapeXml } from "../wire/xml.ts"
import type { XmlElement } from "../wire/xml-element.ts"

/** What is needed to call an event service. */
export interface EventCaller {
  readonly connection: Connection
  readonly now: () => EpochMs
  /** Where to go for an advertised address; `undefined` when it is none. */
  readonly reachable: (advertised: string) => string | undefined
}

/** Where a subscription is managed, and what the device wants echoed there. */
export interface Reference {
  readonly url: string
  readonly addressing: Addressing
}

/** An answer, the times in it, and a reading of the device's clock where it tells its own. */
export interface Told {
  readonly answer: Answer
  readonly times: LeaseTimes
  readonly clock: ClockReading | undefined
}

/** What an event service says that it can do (ONVIF Core, 9.1.1); undefined where it does not say. */
export interface EventCapabilities {
  /** Where it does not say, it has them, as every profile wants. */
  readonly pullPoints: boolean | undefined
  /** Most subscriptions, of either kind, that it says to keep. */
  readonly producersMax: number | undefined
  readonly pullPointsMax: number | undefined
}

/** Of a service that is not asked, or does not answer. */
export const noneSaid: EventCapabilities = {
  pullPoints: undefined,
  producersMax: undefined,
  pullPointsMax: undefined
}

const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined

/** A call that is no pull. */
const callMs = 10_000

/** Ending a subscription is a courtesy; nobody waits long for it. */
export const unsubscribeMs = 2000

/** How long we wait for a pull beyond what the device may take: it may have much to say on a slow line. */
const slackOf = (timeoutMs: number): number => Math.min(20_000, Math.max(5000, timeoutMs / 3))

/** ONVIF Core, 9.1.2: the device sends fewer where it can hold fewer; it shall not fault. */
export const messagesMax = 100

/** Whatever namespace it stands in: devices mix those of ONVIF's and OASIS' event services. */
const fractionOf = /\d[.,]\d+/

const timeIn = (element: XmlElement, name: string): EpochMs | undefined => {
  const text = descendantOf(element, name)?.text
  return text === undefined ? undefined : parseDeviceTime(text)
}

const toldBy = (answer: Answer, askedAt: EpochMs, answeredAt: EpochMs): Told => {
  const currentTime = timeIn(answer.body, "CurrentTime")
  const resolutionMs = fractionOf.test(descendantOf(answer.body, "CurrentTime")?.text ?? "") ? 1 : 1000
  return {
    answer,
    times: { currentTime, terminationTime: timeIn(answer.body, "TerminationTime") },
    clock: currentTime === undefined ? undefined : { shown: currentTime, resolutionMs, askedAt, answeredAt }
  }
}

const asked = ({ connection, now }: EventCaller, call: Call): Effect.Effect<Told, CallFailed> =>
  Effect.suspend(() => {
    const askedAt = now()
    return Effect.map(connection.call(call), (answer) => toldBy(answer, askedAt, now()))
  })

const notThe = (what: string, { body, raw }: Answer): CallFailed =>
  new CallFailed({ kind: "unreadable", reason: `${what} was asked for and ${body.name} came`, raw: raw.slice(0, 4096) })

const expected = (name: string) => (told: Told) =>
  told.answer.body.name === name ? Effect.succeed(told) : Effect.fail(notThe(name, told.answer))

/** Asks the service what it can do. */
export const eventCapabilities = (connection: Connection, url: string): Effect.Effect<EventCapabilities, CallFailed> =>
  connection
    .call({
      url,
      action: `${tev}/EventPortType/GetServiceCapabilitiesRequest`,
      body: `<tev:GetServiceCapabilities xmlns:tev="${tev}"/>`,
      timeoutMs: callMs
    })
    .pipe(
      Effect.map(({ body }) => {
        const told = descendantOf(body, "Capabilities") ?? body
        const pull = attributeOf(told, "WSPullPointSupport")?.trim()
        return {
          pullPoints: pull === undefined ? undefined : !/^(false|0)$/i.test(pull),
          producersMax: numberIn(attributeOf(told, "MaxNotificationProducers")),
          pullPointsMax: numberIn(attributeOf(told, "MaxPullPoints"))
        }
      })
    )

/**
 * Where the subscription is. Some devices tell none, or a name (`urn:uuid:…`) that leads nowhere: theirs is had at the
 * event service itself.
 */
const referenceIn = (told: Told, eventsUrl: string, reachable: EventCaller["reachable"]): Reference => {
  const reference = descendantOf(told.answer.body, "SubscriptionReference")
  const advertised = descendantOf(reference, "Address")?.text.trim() ?? ""
  const parameters = descendantOf(reference, "ReferenceParameters")?.children ?? []
  return {
    url: reachable(advertised) ?? eventsUrl,
    addressing: { to: advertised === "" ? eventsUrl : advertised, referenceParameters: parameters }
  }
}

/** A lease, as a duration, or as an instant of the device's clock for devices that fail at durations. */
export type Termination = { readonly leaseMs: number; readonly deviceNow?: EpochMs }

/** The lease that is asked for, in the form that the device understands. */
export const terminationFor = (
  leaseMs: number,
  absolute: boolean,
  { deviceNow }: { readonly deviceNow: () => EpochMs }
): Termination => ({ leaseMs, ...(absolute ? { deviceNow: deviceNow() } : {}) })

/** Of whole seconds, as durations are: there are devices that read no fraction of either. */
const terminationText = ({ leaseMs, deviceNow }: Termination): string =>
  deviceNow === undefined ? formatDuration(leaseMs) : formatDeviceTime(deviceNow + leaseMs).replace(/\.\d+/, "")

export interface Subscribed {
  readonly reference: Reference
  readonly told: Told
}

const subscribed = (caller: EventCaller, name: string, call: Call): Effect.Effect<Subscribed, CallFailed> =>
  asked(caller, call).pipe(
    Effect.flatMap(expected(name)),
    Effect.map((told) => ({ reference: referenceIn(told, call.url, caller.reachable), told }))
  )

/** A new pull point. */
export const createPullPoint = (
  caller: EventCaller,
  url: string,
  termination: Termination
): Effect.Effect<Subscribed, CallFailed> =>
  subscribed(caller, "CreatePullPointSubscriptionResponse", {
    url,
    action: `${tev}/EventPortType/CreatePullPointSubscriptionRequest`,
    body:
      `<tev:CreatePullPointSubscription xmlns:tev="${tev}"><tev:InitialTerminationTime>${terminationText(termination)}` +
      `</tev:InitialTerminationTime></tev:CreatePullPointSubscription>`,
    addressing: { to: url, referenceParameters: [] },
    timeoutMs: callMs
  })

/** A subscription whose events the device sends to `consumer`. */
export const subscribePush = (
  caller: EventCaller,
  url: string,
  consumer: string,
  termination: Termination
): Effect.Effect<Subscribed, CallFailed> =>
  subscribed(caller, "SubscribeResponse", {
    url,
    action: `${wsntWsdl}/NotificationProducer/SubscribeRequest`,
    body:
      `<wsnt:Subscribe xmlns:wsnt="${wsnt}" xmlns:wsa="${addressingNamespace}"><wsnt:ConsumerReference><wsa:Address>` +
      `${escapeXml(consumer)}</wsa:Address></wsnt:ConsumerReference><wsnt:InitialTerminationTime>` +
      `${terminationText(termination)}</wsnt:InitialTerminationTime></wsnt:Subscribe>`,
    addressing: { to: url, referenceParameters: [] },
    timeoutMs: callMs
  })

/** Waits for messages, for as long as `timeoutMs`. */
export const pullMessages = (
  caller: EventCaller,
  { url, addressing }: Reference,
  timeoutMs: number
): Effect.Effect<Told, CallFailed> =>
  asked(caller, {
    url,
    action: `${tev}/PullPointSubscription/PullMessagesRequest`,
    body:
      `<tev:PullMessages xmlns:tev="${tev}"><tev:Timeout>${formatDuration(timeoutMs)}</tev:Timeout>` +
      `<tev:MessageLimit>${messagesMax}</tev:MessageLimit></tev:PullMessages>`,
    addressing,
    timeoutMs: timeoutMs + slackOf(timeoutMs)
  }).pipe(Effect.flatMap(expected("PullMessagesResponse")))

/** Prolongs a subscription. */
export const renew = (
  caller: EventCaller,
  { url, addressing }: Reference,
  termination: Termination
): Effect.Effect<Told, CallFailed> =>
  asked(caller, {
    url,
    action: `${wsntWsdl}/SubscriptionManager/RenewRequest`,
    body:
      `<wsnt:Renew xmlns:wsnt="${wsnt}"><wsnt:TerminationTime>${terminationText(termination)}</wsnt:TerminationTime>` +
      `</wsnt:Renew>`,
    addressing,
    timeoutMs: callMs
  })

/** Asks the device to repeat the state of all its properties. */
export const setSynchronizationPoint = (
  { connection }: EventCaller,
  { url, addressing }: Reference
): Effect.Effect<void, CallFailed> =>
  connection
    .call({
      url,
      action: `${tev}/PullPointSubscription/SetSynchronizationPointRequest`,
      body: `<tev:SetSynchronizationPoint xmlns:tev="${tev}"/>`,
      addressing,
      timeoutMs: callMs
    })
    .pipe(Effect.asVoid)

/** Ends a subscription; that it fails does not matter to anybody. */
export const unsubscribe = ({ connection }: EventCaller, { url, addressing }: Reference): Effect.Effect<void> =>
  connection
    .call({
      url,
      action: `${wsntWsdl}/SubscriptionManager/UnsubscribeRequest`,
      body: `<wsnt:Unsubscribe xmlns:wsnt="${wsnt}"/>`,
      addressing,
      timeoutMs: unsubscribeMs
    })
    .pipe(Effect.timeout(unsubscribeMs), Effect.ignore)
