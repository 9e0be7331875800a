import { execFileSync } from "node:child_process"
import { resolve } from "node:path"
import { Effect, Exit } from "effect"
import {
  constructEventFilter,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
  UserTokenType
} from "node-opcua"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  loadLibrary,
  letGo,
  neverParked,
  publish,
  republish,
  subscriptionServices
} from "../../../adapters/opcua/session/library.ts"
import { type Proxy, startProxy } from "../../road/proxy.ts"
import { panelNamespace, type Site, startSite } from "./rig.ts"

/** What we rely upon inside the library; each of these fails when a new version of it works otherwise. */
describe("the inside of node-opcua", () => {
  let site: Site
  let proxy: Proxy
  beforeAll(async () => {
    site = await startSite()
    proxy = await startProxy(site.panel.options.port)
  })
  afterAll(async () => {
    await proxy.stop()
    await site.stop()
  })

  const makeClient = () =>
    OPCUAClient.create({
      clientCertificateManager: new OPCUACertificateManager({
        rootFolder: `${site.directory}/library-pki`,
        automaticallyAcceptUnknownCertificate: true,
        disableFileWatchers: true
      }),
      endpointMustExist: false,
      connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 100 },
      keepPendingSessionsOnDisconnect: true,
      securityMode: MessageSecurityMode.SignAndEncrypt,
      securityPolicy: SecurityPolicy.Basic256Sha256
    })
  const url = (): string => `opc.tcp://127.0.0.1:${proxy.port}`
  const openSession = async () => {
    const client = makeClient()
    await client.connect(url())
    const session = await client.createSession({
      type: UserTokenType.UserName,
      userName: "gatehouse",
      password: "right"
    })
    return { client, session }
  }
  const state = { nodeId: "i=2259", attributeId: 13 }

  it("has the services of subscriptions on a session, as they are on the wire", async () => {
    const library = await Effect.runPromise(loadLibrary)
    const { client, session } = await openSession()
    const { subscriptionId } = await subscriptionServices(session).createSubscription({
      requestedPublishingInterval: 100,
      requestedLifetimeCount: 1000,
      requestedMaxKeepAliveCount: 1,
      publishingEnabled: true
    })
    const answer = await new Promise<{ readonly subscriptionId: number }>((done, failed) =>
      publish(library, session, [], 10_000, (error, response) =>
        response === undefined ? failed(error ?? new Error("no answer")) : done(response)
      )
    )
    expect(answer).toMatchObject({ subscriptionId, notificationMessage: { sequenceNumber: 1 } })
    const again = await Effect.runPromiseExit(republish(library, session, subscriptionId, 1))
    expect(Exit.isFailure(again) && String(again.cause)).toContain("BadMessageNotAvailable")
    await session.close()
    await client.disconnect()
  })

  it("lets a session be taken over by another client after its own was let go", async () => {
    const { client, session } = await openSession()
    proxy.cut()
    await letGo(client)
    const second = makeClient()
    await second.connect(url())
    await second.reactivateSession(session)
    expect((await session.read(state)).statusCode.isGood()).toBe(true)
    expect((await site.panel.tell("subscriptions")).sessions).toBe(1)
    await session.close()
    await second.disconnect()
    expect((await site.panel.tell("subscriptions")).sessions).toBe(0)
  })

  it("lets go of a client at once, into a hole as well", async () => {
    const { client, session } = await openSession()
    proxy.freeze()
    const from = performance.now()
    await letGo(client)
    expect(performance.now() - from).toBeLessThan(2000)
    const second = makeClient()
    await second.connect(url())
    await second.reactivateSession(session)
    await session.close()
    await second.disconnect()
  })

  it("parks no request of ours while the connection is away, and makes no session of its own for one", async () => {
    const { client, session } = await openSession()
    neverParked(session)
    await session.read(state)
    await site.panel.tell("closeSessions")
    await expect(session.read(state)).rejects.toThrow(/BadSession(IdInvalid|Closed)/)
    expect((await site.panel.tell("subscriptions")).sessions).toBe(0)
    await letGo(client)
    const closed = performance.now()
    await expect(session.read(state)).rejects.toThrow("closed")
    expect(performance.now() - closed).toBeLessThan(1000)
  })

  it("answers what it can no longer ask before the asker has gone on, of its own accord; we after it", async () => {
    const library = await Effect.runPromise(loadLibrary)
    const { client, session } = await openSession()
    neverParked(session)
    proxy.cut()
    await expect.poll(() => (session as unknown as { isChannelValid: () => boolean }).isChannelValid()).toBe(false)
    const order: Array<string> = []
    const request = new library.PublishRequest({ subscriptionAcknowledgements: [] })
    subscriptionServices(session).publish(request, (error) => order.push(`the library: ${error?.message}`))
    order.push("the asker")
    const ours = new Promise<void>((done) =>
      publish(library, session, [], 10_000, (error) => {
        order.push(`we: ${error?.message}`)
        done()
      })
    )
    order.push("the asker")
    await ours
    const said = "Invalid Channel BadConnectionClosed"
    expect(order).toEqual([`the library: ${said}`, "the asker", "the asker", `we: ${said}`])
    await letGo(client)
  })

  it("does all of that of its own accord when it is left alone: the reason why it is not", async () => {
    const { client, session } = await openSession()
    await site.panel.tell("closeSessions")
    await expect(session.read(state)).resolves.toMatchObject({ statusCode: { name: "Good" } })
    expect((await site.panel.tell("subscriptions")).sessions).toBe(1)
    await client.disconnect()
  })

  it("loses what comes first after packets vanished on an idle link, by its own subscriptions: the reason for ours", async () => {
    const client = OPCUAClient.create({
      endpointMustExist: false,
      connectionStrategy: { maxRetry: -1, initialDelay: 100, maxDelay: 500 },
      keepSessionAlive: true,
      keepAliveInterval: 1000,
      defaultTransactionTimeout: 5000
    })
    await client.connect(url())
    const session = await client.createSession()
    const namespaces = await session.readNamespaceArray()
    const subscription = await session.createSubscription2({
      requestedPublishingInterval: 250,
      requestedLifetimeCount: 1000,
      requestedMaxKeepAliveCount: 4,
      publishingEnabled: true
    })
    const item = await subscription.monitor(
      { nodeId: `ns=${namespaces.indexOf(panelNamespace)};s=Doors`, attributeId: 12 },
      { samplingInterval: 0, queueSize: 1000, filter: constructEventFilter(["Message"]) },
      0
    )
    const heard: Array<string> = []
    const listeners = new Set<() => void>()
    item.on("changed", (fields) => {
      heard.push(
        String((fields as unknown as ReadonlyArray<{ readonly value: { readonly text: string } }>)[0]?.value.text)
      )
      for (const listener of listeners) listener()
    })
    const until = (text: string) =>
      new Promise<void>((done) => {
        const look = (): void => void (heard.includes(text) && done())
        listeners.add(look)
        look()
      })
    await site.panel.tell("access", { door: "Door1", seq: 1, granted: true })
    await until("access 1")
    // Two keep-alives later, what the panel said last was one of them.
    await new Promise((done) => setTimeout(done, 3000))
    proxy.freeze()
    await site.panel.tell("access", { door: "Door1", seq: 2, granted: true })
    await new Promise((done) => session.once("session_restored", done))
    await site.panel.tell("access", { door: "Door1", seq: 3, granted: true })
    await until("access 3")
    expect(heard).not.toContain("access 2")
    await client.disconnect()
  }, 60_000)

  it("says of each piece that comes that it came", async () => {
    const { client, session } = await openSession()
    let pieces = 0
    client.on("receive_chunk", () => pieces++)
    await session.read(state)
    expect(pieces).toBe(1)
    await session.close()
    await client.disconnect()
  })

  it("is not loaded by a gateway that has no such link", () => {
    const adapter = resolve(import.meta.dirname, "../../../adapters/opcua/opcua.ts")
    const script = `
      const { registerHooks } = await import("node:module")
      const loaded = []
      registerHooks({ resolve: (name, context, next) => { loaded.push(name); return next(name, context) } })
      await import(${JSON.stringify(adapter)})
      console.log(JSON.stringify(loaded.filter((name) => name.includes("node-opcua"))), loaded.length)`
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" })
    expect(said).toMatch(/^\[\] [1-9]/)
  })
})
