import { type Reply, soap, text } from "./client.ts"

const events = "http://www.onvif.org/ver10/events/wsdl"
const notification = "http://docs.oasis-open.org/wsn/bw-2"

export const actions = {
  create: `${events}/EventPortType/CreatePullPointSubscriptionRequest`,
  properties: `${events}/EventPortType/GetEventPropertiesRequest`,
  pull: `${events}/PullPointSubscription/PullMessagesRequest`,
  synchronize: `${events}/PullPointSubscription/SetSynchronizationPointRequest`,
  renew: `${notification}/SubscriptionManager/RenewRequest`,
  unsubscribe: `${notification}/SubscriptionManager/UnsubscribeRequest`,
  subscribe: `${notification}/NotificationProducer/SubscribeRequest`
} as const

export const serviceOf = (url: string, service: string): string => url.replace("device_service", service)

const concreteSet = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"

export const topicFilter = (expression: string, dialect = concreteSet): string =>
  `<tev:Filter><wsnt:TopicExpression Dialect="${dialect}">${expression}</wsnt:TopicExpression></tev:Filter>`

/** CreatePullPointSubscription, as it is answered. */
export const create = (
  url: string,
  { inside = "", time = "PT60S" }: { readonly inside?: string; readonly time?: string | undefined } = {}
): Promise<Reply> =>
  soap({
    url: serviceOf(url, "event_service"),
    action: actions.create,
    body:
      `<tev:CreatePullPointSubscription>${inside}` +
      `${time === undefined ? "" : `<tev:InitialTerminationTime>${time}</tev:InitialTerminationTime>`}</tev:CreatePullPointSubscription>`
  })

/** The address of a new pull point. */
export const pullPoint = async (url: string, options: Parameters<typeof create>[1] = {}): Promise<string> =>
  text((await create(url, options)).text, "Address") ?? ""

export const pull = (
  address: string,
  { timeout = "PT20S", limit = 100, signal }: { timeout?: string; limit?: number; signal?: AbortSignal } = {}
): Promise<Reply> =>
  soap({
    url: address,
    action: actions.pull,
    body: `<tev:PullMessages><tev:Timeout>${timeout}</tev:Timeout><tev:MessageLimit>${limit}</tev:MessageLimit></tev:PullMessages>`,
    ...(signal === undefined ? {} : { signal })
  })

export const renew = (address: string, time: string): Promise<Reply> =>
  soap({
    url: address,
    action: actions.renew,
    body: `<wsnt:Renew><wsnt:TerminationTime>${time}</wsnt:TerminationTime></wsnt:Renew>`
  })

export const unsubscribe = (address: string): Promise<Reply> =>
  soap({ url: address, action: actions.unsubscribe, body: "<wsnt:Unsubscribe/>" })

export const synchronize = (address: string): Promise<Reply> =>
  soap({ url: address, action: actions.synchronize, body: "<tev:SetSynchronizationPoint/>" })

/** One message: its topic as written, its operation, and its items. */
export interface Message {
  readonly topic: string
  readonly operation: string | undefined
  readonly utcTime: string | undefined
  readonly items: Readonly<Record<string, string>>
}

/** The messages of an answer, in order. */
export const messages = (xml: string): ReadonlyArray<Message> =>
  [...xml.matchAll(/<wsnt:NotificationMessage>(.*?)<\/wsnt:NotificationMessage>/gs)].map(([, inside = ""]) => ({
    topic: /<wsnt:Topic[^>]*>([^<]*)/.exec(inside)?.[1] ?? "",
    operation: /PropertyOperation="(\w+)"/.exec(inside)?.[1],
    utcTime: /UtcTime="([^"]*)"/.exec(inside)?.[1],
    items: Object.fromEntries(
      [...inside.matchAll(/SimpleItem Name="([^"]*)" Value="([^"]*)"/g)].map(([, name = "", value = ""]) => [
        name,
        value
      ])
    )
  }))

/** Pulls until a pull brings something, and gives its messages. */
export const hear = async (address: string): Promise<ReadonlyArray<Message>> => messages((await pull(address)).text)
