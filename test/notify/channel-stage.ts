import { Effect, Exit, Schema, Scope } from "effect"
import { AlertId, DoorId } from "../../gateway/domain/ids.ts"
import type { Channel, ChannelContext, Message, OpenChannel, Sent } from "../../gateway/notify/channel.ts"

/** 27 November 2026, noon. */
export const noon = Date.UTC(2026, 10, 27, 12)

/** A message as the notifier makes them: of a door that was forced, for an officer. */
export const messageOf = (changes: Partial<Message> = {}): Message => ({
  key: "A-4821:1:r-alvarez:phone",
  kind: "alert",
  urgency: "life-safety",
  recipient: { person: { id: "r-alvarez", name: "R. Alvarez" }, address: "+1 555 010 0100" },
  thread: "A-4821",
  round: 1,
  alert: {
    id: AlertId.make("A-4821"),
    condition: "DoorForcedOpen",
    key: "door:B2-E4",
    door: DoorId.make("B2-E4"),
    priority: 1,
    title: "Door forced open: East exit",
    active: true,
    count: 1,
    occurredAt: noon - 3000,
    raisedAt: noon - 2000
  },
  site: { id: "north", name: "North campus" },
  subject: "Critical: door forced open at East exit",
  text: "Door forced open at Science Hall · East exit, 12:00:00.\nAcknowledge it in the console.",
  short: "A-4821 Critical: door forced open, Science Hall · East exit, 12:00",
  link: "https://gatehouse.campus.edu/#/alerts/A-4821",
  ...changes
})

/** A channel as the notifier holds it open. */
export interface Stage {
  readonly send: (message: Message) => Promise<Sent>
  readonly selfTest: () => Promise<Sent>
  readonly registered: () => ReadonlySet<string> | undefined
  readonly close: () => Promise<void>
}

/** Opens a channel with settings as they are written. */
export const openChannel = async <S>(
  channel: Channel<S>,
  written: unknown,
  context: Pick<ChannelContext, "dataDir"> & Partial<ChannelContext>
): Promise<Stage> => {
  const settings = Schema.decodeUnknownSync(channel.Settings)(written)
  const scope = Scope.makeUnsafe()
  const whole: ChannelContext = {
    channel: "phone",
    site: { id: "north", name: "North campus" },
    now: () => noon,
    ...context
  }
  const open: OpenChannel = await Effect.runPromise(channel.open(settings, whole).pipe(Scope.provide(scope)))
  return {
    send: (message) => Effect.runPromise(open.send(message)),
    selfTest: () => Effect.runPromise(open.selfTest),
    registered: () => open.registered?.(),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
