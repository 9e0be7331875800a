/**
 * What is wrong with a simulated server: each is a way in which real ones were seen to fail, or that the standard lets them
 * fail in. They can be changed while it runs, but for those that take effect at the next start.
 */
export interface PanelFaults {
  /**
   * The status of a door's variables, by its token: the panel has lost the door's module, or only remembers what it last
   * heard. `*` is for every door.
   */
  readonly statuses: Readonly<Record<string, "BadNoCommunication" | "BadNotConnected" | "UncertainLastUsableValue">>
  /** Variables keep the values that they have, with a good status, whatever the doors do. */
  readonly stale: boolean
  /** Locks are in a state that no client knows of. */
  readonly strange: boolean
  /** Acknowledgements and confirmations are refused with BadUserAccessDenied. */
  readonly refusesAcknowledgements: boolean
  /** Commands are refused with BadNotSupported, by method as by variable. */
  readonly refusesCommands: boolean
  /** Commands are accepted, and nothing comes of them. */
  readonly ignoresCommands: boolean
  /** How ConditionRefresh is refused; `undefined`: it is done. */
  readonly refusesRefresh: "BadNothingToDo" | "BadMethodInvalid" | "BadUserAccessDenied" | undefined
  /** Nothing is said of doors that are hung or taken down: most servers have no such event. */
  readonly hidesModelChanges: boolean
  /** Subscriptions that are made from then on are published no oftener than this, milliseconds, whatever a client asks. */
  readonly publishesEveryMs: number | undefined
  /** Values have no time of their own: their SourceTimestamp is OPC UA's null, 1601. */
  readonly undated: boolean

  // From the next start on

  /** Namespaces that are registered before the panel's own, as after a firmware update: its index is another one. */
  readonly namespacesBefore: ReadonlyArray<string>
  /** The server shows a certificate that ran out yesterday. */
  readonly expiredCertificate: boolean
  /**
   * How many references of a node a Browse is answered with; the rest comes when it is asked on, and for one node at a time
   * (OPC 10000-4, 5.9.3: continuation points, of which small servers have few). `undefined`: all of them.
   */
  readonly referencesAtOnce: number | undefined
}

/** A server without any. */
export const noFaults: PanelFaults = {
  statuses: {},
  stale: false,
  strange: false,
  refusesAcknowledgements: false,
  refusesCommands: false,
  ignoresCommands: false,
  refusesRefresh: undefined,
  hidesModelChanges: false,
  publishesEveryMs: undefined,
  undated: false,
  namespacesBefore: [],
  expiredCertificate: false,
  referencesAtOnce: undefined
}
