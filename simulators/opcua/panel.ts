import type { OPCUAServer } from "node-opcua"
import { Effect, type Scope, Semaphore } from "effect"
import { doorAtRest, type DoorInput, type DoorOptions, type DoorState } from "../campus/door-machine.ts"
import { PanelSpace } from "./address-space.ts"
import { type Decision, Doors } from "./doors.ts"
import { noFaults, type PanelFaults } from "./faults.ts"
import { type Library, loadLibrary } from "./library.ts"
import type { ServerOptions } from "./options.ts"
import type { Card, PanelEvent } from "./panel-event.ts"
import { flutter, tellWhenQueuesRunOver, type WatchingSubscription } from "./queue-overflow.ts"
import { endServer, hostOf, makeServer } from "./server.ts"
import { type ItemsSubscription, watchAtOnce } from "./watch-at-once.ts"

/** An acknowledgement, or a confirmation, that the server has accepted. */
export interface Acknowledged {
  /** The condition's node, as text. */
  readonly condition: string
  readonly comment: string
}

/** A simulated server of access panels on a real socket. */
export interface OpcuaPanel {
  /** `opc.tcp://127.0.0.1:48400` */
  readonly url: string
  /** A movement of a door, or a command; answers with the reason when the panel refuses. */
  readonly door: (token: string, input: DoorInput) => string | undefined
  /** A card is at a reader: the panel grants or denies, and watches the door. */
  readonly present: (reader: string, card: Card, decision: Decision) => void
  /** Somebody wants to leave by a door. */
  readonly requestExit: (door: string) => void
  /** The panel tells of something, whatever its doors do. */
  readonly tell: (event: PanelEvent) => void
  /** A door is hung at a panel, at rest, and taken down. Clients are told that nodes came or went. */
  readonly hang: (panel: string, door: DoorOptions) => void
  readonly takeDown: (door: string) => void
  /** The contact of a door opens and closes at once more often than any client's queue holds, and ends as it is. */
  readonly flutter: (door: string) => void
  /** The panel tells of all of these at once. A client whose queue is too small for them loses the oldest, and is told so. */
  readonly tellAtOnce: (events: ReadonlyArray<PanelEvent>) => void
  readonly doorState: (token: string) => DoorState | undefined
  readonly faults: () => PanelFaults
  /** Changes the faults that are named, and leaves the others. */
  readonly setFaults: (change: Partial<PanelFaults>) => void
  /** The server says that it threw events away. */
  readonly overflow: () => void
  /** Acknowledgements and confirmations so far. */
  readonly acknowledged: () => ReadonlyArray<Acknowledged>
  /** Sessions and subscriptions that are open. */
  readonly sessions: () => number
  readonly subscriptions: () => number
  readonly isUp: () => boolean
  /** The cable is pulled: connections are cut, new ones refused; sessions and subscriptions live on for their time. */
  readonly unplug: Effect.Effect<void>
  readonly plug: Effect.Effect<void>
  /** Ends in good order; its sessions and subscriptions are gone. The doors live on. */
  readonly stop: Effect.Effect<void>
  /** Starts again, and looks at its doors first; does nothing while it is up. */
  readonly start: Effect.Effect<void, Error>
  readonly restart: Effect.Effect<void, Error>
}

const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)))

type NewSubscription = ItemsSubscription & WatchingSubscription & { modify: (asked: object) => void }

/** One server from its start to its end. */
interface Running {
  readonly server: OPCUAServer
  readonly space: PanelSpace
}

class Panel {
  readonly library: Library
  readonly options: ServerOptions
  readonly doors: Doors
  readonly acknowledged: Array<Acknowledged> = []
  panels: ServerOptions["panels"]
  faults: PanelFaults
  running: Running | undefined
  unplugged = false

  constructor(library: Library, options: ServerOptions, faults: Partial<PanelFaults>) {
    this.library = library
    this.options = options
    this.panels = options.panels
    this.faults = { ...noFaults, ...faults }
    this.doors = new Doors(
      options.panels.flatMap(({ doors }) => doors),
      options.panels.flatMap(({ readers }) => readers),
      {
        changed: (token, state) => this.running?.space.show(token, state),
        happened: (event) => this.tell([event])
      }
    )
  }

  async start(): Promise<void> {
    if (this.running !== undefined) return
    const { library, options, doors } = this
    const server = await makeServer(library, options, this.faults)
    server.on("create_session", (session) => {
      session.on("new_subscription", (subscription: NewSubscription) => {
        const { publishesEveryMs } = this.faults
        watchAtOnce(subscription)
        tellWhenQueuesRunOver(library, subscription)
        if (publishesEveryMs !== undefined) subscription.modify({ requestedPublishingInterval: publishesEveryMs })
      })
    })
    const { addressSpace } = server.engine
    if (addressSpace === null) throw new Error("the server has no address space")
    const space = new PanelSpace(addressSpace, {
      library,
      panels: this.panels,
      faults: () => this.faults,
      now: options.clock ?? Date.now,
      command: (door, command) => doors.step(door, command),
      doorOf: (reader) => doors.doorOf(reader),
      acknowledged: (condition, comment) => this.acknowledged.push({ condition, comment })
    })
    for (const [token, state] of doors.states) space.show(token, state, true)
    await server.start()
    this.running = { server, space }
  }

  async stop(): Promise<void> {
    const { running } = this
    this.running = undefined
    this.unplugged = false
    if (running !== undefined) await endServer(running.server)
  }

  setFaults(change: Partial<PanelFaults>): void {
    this.faults = { ...this.faults, ...change }
    for (const [token, state] of this.doors.states) this.running?.space.show(token, state, true)
  }

  hang(id: string, door: DoorOptions): void {
    const panel = this.panels.find((one) => one.id === id)
    if (panel === undefined) return
    this.doors.hang(door)
    const hung = { ...panel, doors: [...panel.doors, door] }
    this.panels = this.panels.map((one) => (one === panel ? hung : one))
    this.running?.space.hang(hung, door)
    this.running?.space.show(door.token, doorAtRest, true)
  }

  takeDown(token: string): void {
    this.doors.takeDown(token)
    this.panels = this.panels.map((one) => ({ ...one, doors: one.doors.filter((door) => door.token !== token) }))
    this.running?.space.takeDown(token)
  }

  flutter(door: string): void {
    const { running, panels, doors } = this
    const panel = panels.find((one) => one.doors.some(({ token }) => token === door))
    if (running === undefined || panel === undefined) return
    const contact = ["", ...panel.path, "Doors", door, "Contact"].join("/")
    flutter(this.library, running.server, contact, doors.states.get(door)?.physical === "Open")
  }

  /** Tells all of it at once. */
  tell(events: ReadonlyArray<PanelEvent>): void {
    for (const event of events) this.running?.space.tell(event)
  }

  /** Cuts the server off, or lets it be reached again. */
  async cut(off: boolean): Promise<void> {
    if (this.running === undefined || this.unplugged === off) return
    this.unplugged = off
    for (const endpoint of this.running.server.endpoints) {
      await new Promise<void>((resolve, reject) => {
        const done = (error?: Error): void => (error === undefined || error === null ? resolve() : reject(error))
        if (off) endpoint.suspendConnection(done)
        else endpoint.restoreConnection(done)
      })
      if (off) endpoint.abruptlyInterruptChannels()
    }
  }
}

/**
 * Starts a server of panels; it lives until the scope closes, and leaves no socket and no timer then. Fails when the port
 * is taken.
 */
export const startOpcuaPanel = Effect.fn("startOpcuaPanel")(function* (
  options: ServerOptions,
  faults: Partial<PanelFaults> = {}
): Effect.fn.Return<OpcuaPanel, Error, Scope.Scope> {
  const panel = new Panel(yield* loadLibrary, options, faults)
  const oneAtATime = yield* Semaphore.make(1)
  const start = Effect.tryPromise({ try: () => panel.start(), catch: asError }).pipe(Semaphore.withPermit(oneAtATime))
  const stop = Effect.promise(() => panel.stop()).pipe(Semaphore.withPermit(oneAtATime))
  yield* Effect.acquireRelease(start, () => stop.pipe(Effect.andThen(Effect.sync(() => panel.doors.stop()))))
  return {
    url: `opc.tcp://${hostOf(options)}:${options.port}`,
    door: (token, input) => panel.doors.step(token, input),
    present: (reader, card, decision) => panel.doors.present(reader, card, decision),
    requestExit: (door) => panel.doors.requestExit(door),
    tell: (event) => panel.tell([event]),
    hang: (id, door) => panel.hang(id, door),
    takeDown: (door) => panel.takeDown(door),
    flutter: (door) => panel.flutter(door),
    tellAtOnce: (events) => panel.tell(events),
    doorState: (token) => panel.doors.states.get(token),
    faults: () => panel.faults,
    setFaults: (change) => panel.setFaults(change),
    overflow: () => panel.running?.space.overflow(),
    acknowledged: () => panel.acknowledged,
    sessions: () => panel.running?.server.engine.currentSessionCount ?? 0,
    subscriptions: () => panel.running?.server.engine.currentSubscriptionCount ?? 0,
    isUp: () => panel.running !== undefined,
    unplug: Effect.promise(() => panel.cut(true)),
    plug: Effect.promise(() => panel.cut(false)),
    stop,
    start,
    restart: stop.pipe(Effect.andThen(start))
  }
})
