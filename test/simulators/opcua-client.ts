import {
  AttributeIds,
  ClientMonitoredItem,
  type ClientSession,
  ClientSubscription,
  constructEventFilter,
  type DataValue,
  LocalizedText,
  MessageSecurityMode,
  NodeId,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
  setErrorLogger,
  setWarningLogger,
  TimestampsToReturn,
  type UserIdentityInfo,
  UserTokenType,
  type Variant
} from "node-opcua"

setWarningLogger(() => {})
setErrorLogger(() => {})

/** The panel's own namespace, as a client knows it. */
export const panelUri = "urn:gatehouse:access-panel"

/** Waits for something among what comes, in any order; what has come already counts. */
class Heard<A> {
  readonly all: Array<A> = []
  readonly #listeners = new Set<() => void>()

  came(one: A): void {
    this.all.push(one)
    for (const look of this.#listeners) look()
  }

  until(fits: (one: A) => boolean): Promise<A> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.all.find(fits)
        if (found === undefined) return
        this.#listeners.delete(look)
        resolve(found)
      }
      this.#listeners.add(look)
      look()
    })
  }
}

/** An event's fields, in the order that they were asked for. */
export type Fields = Readonly<Record<string, unknown>>

/** Completes once the server has taken a monitored item; fails when it does not. */
const begun = (item: ReturnType<typeof ClientMonitoredItem.create>): Promise<void> =>
  new Promise((resolve, reject) => {
    item.once("initialized", () => resolve())
    item.once("err", (why: string) => reject(new Error(why)))
    item.once("terminated", () => reject(new Error("the item was ended before it began")))
  })

const plain = ({ value }: Variant): unknown => {
  const held: unknown = value
  if (held instanceof NodeId) return held.toString()
  if (Buffer.isBuffer(held)) return held.toString("hex")
  return held instanceof LocalizedText ? held.text : held
}

export interface ClientOptions {
  readonly pki: string
  /** Absent: nobody, and an unsecured channel. */
  readonly user?: { readonly name: string; readonly password: string }
}

/** node-opcua's own client at a panel. */
export class PanelClient {
  readonly client: OPCUAClient
  readonly session: ClientSession
  readonly own: number
  readonly subscription: ClientSubscription

  private constructor(client: OPCUAClient, session: ClientSession, own: number, subscription: ClientSubscription) {
    this.client = client
    this.session = session
    this.own = own
    this.subscription = subscription
  }

  static async open(url: string, { pki, user }: ClientOptions): Promise<PanelClient> {
    const manager = new OPCUACertificateManager({ rootFolder: pki, automaticallyAcceptUnknownCertificate: true })
    await manager.initialize()
    const client = OPCUAClient.create({
      clientCertificateManager: manager,
      securityMode: user === undefined ? MessageSecurityMode.None : MessageSecurityMode.SignAndEncrypt,
      securityPolicy: user === undefined ? SecurityPolicy.None : SecurityPolicy.Basic256Sha256,
      endpointMustExist: false,
      connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 100 }
    })
    try {
      await client.connect(url)
      const who: UserIdentityInfo =
        user === undefined
          ? { type: UserTokenType.Anonymous }
          : { type: UserTokenType.UserName, userName: user.name, password: user.password }
      const session = await client.createSession(who)
      const namespaces = await session.readNamespaceArray()
      const subscription = await session.createSubscription2({
        requestedPublishingInterval: 50,
        requestedLifetimeCount: 1000,
        requestedMaxKeepAliveCount: 20,
        maxNotificationsPerPublish: 0,
        publishingEnabled: true,
        priority: 0
      })
      return new PanelClient(client, session, namespaces.indexOf(panelUri), subscription)
    } catch (error) {
      await client.disconnect()
      throw error
    }
  }

  node(id: string): string {
    return `ns=${this.own};s=${id}`
  }

  read(id: string): Promise<DataValue> {
    return this.session.read({ nodeId: this.node(id), attributeId: AttributeIds.Value })
  }

  async value(id: string): Promise<unknown> {
    return (await this.read(id)).value.value as unknown
  }

  /** Calls a door's method; the status' name. */
  async call(object: string, method: string): Promise<string> {
    const result = await this.session.call({
      objectId: this.node(object),
      methodId: this.node(`${object}/${method}`),
      inputArguments: []
    })
    return result.statusCode.name
  }

  /** Hears a variable's values. */
  async watch(id: string): Promise<Heard<DataValue>> {
    const heard = new Heard<DataValue>()
    const item = ClientMonitoredItem.create(
      this.subscription,
      { nodeId: this.node(id), attributeId: AttributeIds.Value },
      { samplingInterval: 0, queueSize: 50, discardOldest: true },
      TimestampsToReturn.Both
    )
    await begun(item)
    item.on("changed", (value: DataValue) => heard.came(value))
    return heard
  }

  /** Hears the events of an object, by these fields; those of the panel are written `own:Reader`. */
  async events(id: string | undefined, fields: ReadonlyArray<string>): Promise<Heard<Fields>> {
    const heard = new Heard<Fields>()
    const names = fields.map((name) => name.replace(/^own:/, `${this.own}:`))
    const item = ClientMonitoredItem.create(
      this.subscription,
      { nodeId: id === undefined ? "i=2253" : this.node(id), attributeId: AttributeIds.EventNotifier },
      { samplingInterval: 0, queueSize: 500, discardOldest: true, filter: constructEventFilter(names) }
    )
    await begun(item)
    item.on("changed", (values: ReadonlyArray<Variant>) =>
      heard.came(Object.fromEntries(fields.map((name, nth) => [name.replace(/^own:/, ""), plain(values[nth]!)])))
    )
    return heard
  }

  async close(): Promise<void> {
    await this.session.close(true).catch(() => undefined)
    await this.client.disconnect()
  }
}
