import type { Call, DeviceContext, Service } from "./device-context.ts"
import { durationOf, fromNowMs } from "./duration.ts"
import { eventFaults } from "./event-faults.ts"
import { readFilter } from "./filter.ts"
import { instant } from "./instant.ts"
import { namespaces } from "./namespaces.ts"
import { notificationsXml } from "./notification.ts"
import { pushTo } from "./push.ts"
import { answered, dropped, failed, faults as soapFaults, type Outcome, referenceParameters } from "./soap.ts"
import { concreteDialect, concreteSetDialect } from "./spelling.ts"
import type { Delivery, Subscription } from "./subscriptions.ts"
import { topicSetXml, topicsOf } from "./topics.ts"
import { element, escape, join, leaf, nothing, type Xml } from "./xml.ts"
import { childOf, textOf } from "./xml-node.ts"

const ports: Readonly<Record<string, string>> = {
  PullMessages: "PullPointSubscription",
  Seek: "PullPointSubscription",
  SetSynchronizationPoint: "PullPointSubscription"
}

/** WS-BaseNotification's own operations have actions of their own (bw-2.wsdl). */
const baseNotification: Readonly<Record<string, string>> = {
  Subscribe: "http://docs.oasis-open.org/wsn/bw-2/NotificationProducer/Subscribe",
  Renew: "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/Renew",
  Unsubscribe: "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/Unsubscribe"
}

/** The action of an operation's request, less its `Request`. */
export const eventActionOf = (operation: string): string =>
  baseNotification[operation] ?? `${namespaces.tev}/${ports[operation] ?? "EventPortType"}/${operation}`

/** Where subscriptions live. */
export const subscriptionPath = "/onvif/subscription"

/** Granted to those who ask for no time of their own. */
const usualLeaseMs = 60_000

const relativeBrokenLeaseMs = 5000

/** The most messages one answer has. */
const messagesMax = 1000

/** The element of Axis's reference parameter, whose name does not matter to a client that echoes it. */
const referenceName = "dom0:SubscriptionId"
const referenceNamespace = "http://www.axis.com/2009/event"

const times = (
  prefix: string,
  context: DeviceContext,
  subscription: Subscription,
  of: "create" | "pull" | "renew"
): Xml => {
  const { omitTimes, timeStyle, terminationInPast } = context.faults()
  if (omitTimes.includes(of)) return nothing
  const now = context.now()
  const ends = terminationInPast ? now - 3_600_000 : now + context.subscriptions.remainingMs(subscription)
  const current = leaf(`${prefix}:CurrentTime`, instant(now, timeStyle))
  const termination = leaf(`${prefix}:TerminationTime`, instant(ends, timeStyle))
  // WS-BaseNotification's RenewResponse has them the other way round (b-2.xsd).
  if (of === "renew") return omitTimes.includes("renew-current") ? termination : join([termination, current])
  return join([current, termination])
}

const referenceXml = (context: DeviceContext, { id }: Subscription): Xml => {
  const base = `${context.base()}${subscriptionPath}`
  switch (context.faults().subscriptionAddress) {
    case "none":
      return leaf("wsa:Address", "")
    case "name":
      return leaf("wsa:Address", "urn:uuid:5f5a69c2-e0ae-504f-829b-28f366d8f9a2")
    case "own":
  }
  if (!context.faults().referenceParameters) return leaf("wsa:Address", `${base}/${id}`)
  const parameter = leaf(referenceName, id, { "xmlns:dom0": referenceNamespace })
  return join([leaf("wsa:Address", base), element("wsa:ReferenceParameters", {}, parameter)])
}

/** The lease a device grants for what was asked. */
const leaseOf = (context: DeviceContext, asked: string | undefined): number | undefined => {
  const { grantedLeaseMs, relativeTimeBroken } = context.faults()
  if (grantedLeaseMs !== undefined) return grantedLeaseMs
  if (asked === undefined || asked === "") return usualLeaseMs
  const read = fromNowMs(asked, context.now())
  if (read === undefined || read.ms <= 0) return undefined
  return read.relative && relativeTimeBroken ? relativeBrokenLeaseMs : read.ms
}

/** Opens a subscription, or tells the fault. */
const subscribe = (context: DeviceContext, { request }: Call, delivery: Delivery): Subscription | Outcome => {
  const { body } = request
  const now = context.now()
  const filter = readFilter(childOf(body, "Filter"))
  if (filter !== undefined && "_tag" in filter) {
    switch (filter._tag) {
      case "DialectUnknown":
        return failed(eventFaults.dialectUnknown(now, filter.dialect))
      case "InvalidExpression":
        return failed(eventFaults.invalidTopicExpression(now, filter.expression))
      case "ContentFilter":
        return failed(eventFaults.invalidContentExpression(now, filter.dialect))
    }
  }
  const leaseMs = leaseOf(context, textOf(body, "InitialTerminationTime"))
  if (leaseMs === undefined) return failed(eventFaults.unacceptableInitialTerminationTime(now))
  const changedOnly = childOf(childOf(body, "SubscriptionPolicy"), "ChangedOnly") !== undefined
  return context.subscriptions.open({ delivery, filter, leaseMs, changedOnly })
}

const createPullPoint = (context: DeviceContext, call: Call): Outcome => {
  const { refuseCreate, maxPullPoints } = context.faults()
  const now = context.now()
  if (refuseCreate > 0) {
    context.setFaults({ refuseCreate: refuseCreate - 1 })
    return failed(eventFaults.createFailed(now, "no pull point can be made at this time"))
  }
  if (context.subscriptions.pullPoints >= maxPullPoints)
    return failed(eventFaults.createFailed(now, "all pull points are taken"))
  const opened = subscribe(context, call, { _tag: "PullPoint" })
  if ("_tag" in opened) return opened
  return answered(
    `${eventActionOf("CreatePullPointSubscription")}Response`,
    element(
      "tev:CreatePullPointSubscriptionResponse",
      {},
      element("tev:SubscriptionReference", {}, referenceXml(context, opened)),
      times("wsnt", context, opened, "create")
    )
  )
}

const subscribeForPush = (context: DeviceContext, call: Call): Outcome => {
  const consumer = textOf(childOf(call.request.body, "ConsumerReference"), "Address")
  if (consumer === undefined || !URL.canParse(consumer) || !/^https?:$/.test(new URL(consumer).protocol))
    return failed(soapFaults.invalidArgs("a ConsumerReference with an HTTP address is needed"))
  const opened = subscribe(context, call, pushTo(context, consumer))
  if ("_tag" in opened) return opened
  return answered(
    `${eventActionOf("Subscribe")}Response`,
    element(
      "wsnt:SubscribeResponse",
      {},
      element("wsnt:SubscriptionReference", {}, referenceXml(context, opened)),
      times("wsnt", context, opened, "create")
    )
  )
}

/** The subscription that a call is for: by its path, or by the reference parameter it echoes. */
const subscriptionOf = (context: DeviceContext, { request, path }: Call): Subscription | undefined => {
  const { referenceParameters: byParameter, subscriptionAddress } = context.faults()
  if (subscriptionAddress !== "own") return context.subscriptions.newest
  if (!byParameter)
    return path.startsWith(`${subscriptionPath}/`)
      ? context.subscriptions.find(path.slice(subscriptionPath.length + 1))
      : undefined
  const parameter = referenceParameters(request).find(
    ({ namespace, name }) => namespace === referenceNamespace && name === "SubscriptionId"
  )
  return parameter === undefined ? undefined : context.subscriptions.find(parameter.text.trim())
}

const withSubscription =
  (context: DeviceContext, act: (subscription: Subscription, call: Call) => Outcome | Promise<Outcome>) =>
  (call: Call): Outcome | Promise<Outcome> => {
    const subscription = subscriptionOf(context, call)
    if (subscription === undefined) return failed(eventFaults.resourceUnknown(context.now()))
    return act(subscription, call)
  }

/** What a pull asks for, or the fault in it. */
const pullAsked = (context: DeviceContext, { request }: Call) => {
  const { maxPullTimeoutMs } = context.faults()
  const [timeout, limit] = [textOf(request.body, "Timeout"), Number(textOf(request.body, "MessageLimit"))]
  const asked = timeout === undefined ? undefined : fromNowMs(timeout, context.now())
  if (asked === undefined || !asked.relative || asked.ms < 0)
    return failed(soapFaults.invalidArgs("Timeout is no duration"))
  if (!Number.isInteger(limit) || limit < 1) return failed(soapFaults.invalidArgs("MessageLimit is no number"))
  if (asked.ms > maxPullTimeoutMs) return failed(eventFaults.pullLimits(durationOf(maxPullTimeoutMs), messagesMax))
  return { timeoutMs: asked.ms, limit: Math.min(limit, messagesMax) }
}

const pull = (context: DeviceContext, subscription: Subscription, call: Call): Outcome | Promise<Outcome> => {
  const { subscriptions } = context
  const { resourceUnknownOnPull, parallelPull, emptyReplyEarly, closePullAfterMs, extendOnPull } = context.faults()
  if (resourceUnknownOnPull > 0) {
    context.setFaults({ resourceUnknownOnPull: resourceUnknownOnPull - 1 })
    subscriptions.close(subscription.id)
    return failed(eventFaults.resourceUnknown(context.now()))
  }
  const asked = pullAsked(context, call)
  if ("_tag" in asked) return asked
  if (subscription.pulls.size > 0 && parallelPull === "fault")
    return failed(eventFaults.unableToGetMessages(context.now()))
  const timeoutMs = emptyReplyEarly ? 0 : asked.timeoutMs
  const cutShort = closePullAfterMs !== undefined && closePullAfterMs < timeoutMs
  // ONVIF Core, PullMessages: the pull point lives at least as long as the pull waits.
  if (extendOnPull) subscriptions.extend(subscription, Math.max(timeoutMs, subscription.wanted.leaseMs))
  return new Promise<Outcome>((resolve) => {
    const waiting = subscriptions.pull(
      subscription,
      { limit: asked.limit, timeoutMs: cutShort ? closePullAfterMs : timeoutMs },
      (messages) => {
        if (subscriptions.find(subscription.id) === undefined && messages.length === 0)
          return resolve(failed(eventFaults.resourceUnknown(context.now())))
        if (cutShort && messages.length === 0) return resolve(dropped)
        if (extendOnPull) subscriptions.extend(subscription, subscription.wanted.leaseMs)
        resolve(
          answered(
            `${eventActionOf("PullMessages")}Response`,
            element(
              "tev:PullMessagesResponse",
              {},
              times("tev", context, subscription, "pull"),
              notificationsXml(messages, context.faults(), `${context.base()}/onvif/event_service`)
            )
          )
        )
      }
    )
    call.onGone(() => {
      waiting.abandon()
      resolve(dropped)
    })
  })
}

const renew = (context: DeviceContext, subscription: Subscription, { request }: Call): Outcome => {
  if (context.faults().renewUnsupported) return failed(soapFaults.actionNotSupported("Renew"))
  const leaseMs = leaseOf(context, textOf(request.body, "TerminationTime"))
  if (leaseMs === undefined) return failed(eventFaults.unacceptableTerminationTime(context.now()))
  context.subscriptions.renew(subscription, leaseMs)
  return answered(
    `${eventActionOf("Renew")}Response`,
    element("wsnt:RenewResponse", {}, times("wsnt", context, subscription, "renew"))
  )
}

const eventProperties = (context: DeviceContext): Xml =>
  element(
    "tev:GetEventPropertiesResponse",
    {},
    leaf("tev:TopicNamespaceLocation", "http://www.onvif.org/onvif/ver10/topics/topicns.xml"),
    leaf("wsnt:FixedTopicSet", true),
    topicSetXml(topicsOf(context.options)),
    leaf("wsnt:TopicExpressionDialect", concreteDialect),
    leaf("wsnt:TopicExpressionDialect", concreteSetDialect),
    // A device without content filters returns a single empty URL (event.wsdl).
    element("tev:MessageContentFilterDialect", {}, escape("")),
    leaf("tev:MessageContentSchemaLocation", "http://www.onvif.org/onvif/ver10/schema/onvif.xsd")
  )

export const eventCapabilities = (context: DeviceContext): Xml =>
  element("tev:Capabilities", {
    WSSubscriptionPolicySupport: true,
    WSPullPointSupport: true,
    WSPausableSubscriptionManagerInterfaceSupport: false,
    MaxNotificationProducers: 10,
    MaxPullPoints: context.faults().maxPullPoints,
    PersistentNotificationStorage: false
  })

/** What is asked of one subscription. */
const subscriptionOperations = (context: DeviceContext): Service["operations"] => ({
  PullMessages: withSubscription(context, (subscription, call) => pull(context, subscription, call)),
  SetSynchronizationPoint: withSubscription(context, (subscription) => {
    if (context.faults().synchronizationUnsupported)
      return failed(soapFaults.actionNotSupported("SetSynchronizationPoint"))
    context.subscriptions.synchronize(subscription)
    return answered(
      `${eventActionOf("SetSynchronizationPoint")}Response`,
      element("tev:SetSynchronizationPointResponse", {})
    )
  }),
  Renew: withSubscription(context, (subscription, call) => renew(context, subscription, call)),
  Unsubscribe: withSubscription(context, ({ id }) => {
    if (context.faults().cancelAllOnUnsubscribe) context.subscriptions.closeAll()
    else context.subscriptions.close(id)
    return answered(`${eventActionOf("Unsubscribe")}Response`, element("wsnt:UnsubscribeResponse", {}))
  })
})

/** The event service (ONVIF Core, Event Handling): pull points, and WS-BaseNotification with Notify. */
export const eventService = (context: DeviceContext): Service => ({
  namespace: namespaces.tev,
  path: "/onvif/event_service",
  actionOf: (operation) => eventActionOf(operation),
  operations: {
    ...subscriptionOperations(context),
    GetServiceCapabilities: () => element("tev:GetServiceCapabilitiesResponse", {}, eventCapabilities(context)),
    GetEventProperties: () => eventProperties(context),
    CreatePullPointSubscription: (call) => createPullPoint(context, call),
    Subscribe: (call) => subscribeForPush(context, call)
  }
})

/** What is asked of one subscription, at its own address. */
export const subscriptionService = (context: DeviceContext): Service => ({
  namespace: namespaces.tev,
  path: subscriptionPath,
  actionOf: (operation) => eventActionOf(operation),
  operations: subscriptionOperations(context)
})
