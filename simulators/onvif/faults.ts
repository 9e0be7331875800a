import type { InstantStyle } from "./instant.ts"
import type { BooleanSpelling } from "./spelling.ts"
import type { Spoiling } from "./spoil.ts"

/**
 * What is wrong with a simulated device. Every field is a way in which real devices were seen to differ from the
 * standard; `noFaults` is a device without any. They can be changed while the device runs.
 */
export interface Faults {
  // Answers as such

  /**
   * How the answer to an operation is spoilt on its way out, by the operation's name (`PullMessages`), `Snapshot` for
   * the picture, or `*` for every one. With `times`, only the next so many answers are.
   */
  readonly answers: Readonly<Record<string, Spoiling>>
  /** Every request, whatever its credentials, is answered 401: the account is locked out. */
  readonly refuseEveryone: boolean
  /** So many next requests are, though their credentials are right. */
  readonly refuseNext: number
  /** A digest nonce is good for this long, and stale after; milliseconds. */
  readonly nonceLifeMs: number
  /** A fresh nonce comes along with every answer (`nextnonce`, RFC 7616), and the old one is not taken again. */
  readonly nextNonce: boolean
  /** The device repeats the request's security header in its answer, as Reolink does. */
  readonly echoesHeader: boolean

  // WS-Addressing

  /**
   * `checked`: an event call's Action is looked at where there is one, and clients that know no WS-Addressing are served,
   * as most devices do; `required`: those are refused (Axis); `ignored`: not looked at.
   */
  readonly addressing: "checked" | "required" | "ignored"
  /**
   * The `action` parameter of Content-Type. `required`: a 400 without it; `silent`: an empty 200 without it (Pelco);
   * `refused`: a fault with it (Illustra).
   */
  readonly contentTypeAction: "ignored" | "required" | "silent" | "refused"
  /** The subscription is told apart by a reference parameter, all subscriptions have one address (Axis). */
  readonly referenceParameters: boolean
  /**
   * The host in addresses the device tells: its own; none at all (`http:///onvif/…`, RaySharp); or another, with or
   * without a port, such as an address inside the NAT.
   */
  readonly advertisedHost: "own" | "none" | { readonly authority: string }
  /** `https` devices that tell `http` addresses, and the other way round. */
  readonly advertisedScheme: "own" | "http" | "https"
  /**
   * What a new subscription's address is: its own; none at all (`<wsa:Address/>`, OMNY), or a name. Without one of its
   * own it is had at the event service, the newest at that.
   */
  readonly subscriptionAddress: "own" | "none" | "name"

  // Subscriptions and leases

  /** So many next CreatePullPointSubscription calls are refused with a fault. */
  readonly refuseCreate: number
  /** Pull points that can be open at a time. */
  readonly maxPullPoints: number
  /** The lease that is granted, whatever was asked; absent: what was asked. */
  readonly grantedLeaseMs: number | undefined
  /** A relative termination time is misread: five seconds are granted. An absolute one is honoured. */
  readonly relativeTimeBroken: boolean
  /** TerminationTime is told as an hour before CurrentTime; the lease itself is as granted. */
  readonly terminationInPast: boolean
  /** These answers tell neither CurrentTime nor TerminationTime; that to `renew-current` lacks CurrentTime only. */
  readonly omitTimes: ReadonlyArray<"create" | "pull" | "renew" | "renew-current">
  /** How CurrentTime and TerminationTime are written. */
  readonly timeStyle: InstantStyle
  /** Renew is not implemented: ActionNotSupported. */
  readonly renewUnsupported: boolean
  /** Whether a PullMessages extends the lease; ONVIF Core wants it to. */
  readonly extendOnPull: boolean
  /** One Unsubscribe ends every subscription of the device. */
  readonly cancelAllOnUnsubscribe: boolean
  /** So many next pulls end in ResourceUnknown and take their subscription along: the device has been restarted. */
  readonly resourceUnknownOnPull: number
  /** Messages a subscription keeps; beyond, its oldest is dropped. */
  readonly queueLimit: number

  // Pulling

  /** An empty answer comes at once, whatever Timeout says. */
  readonly emptyReplyEarly: boolean
  /** A pull without a message is ended by closing its connection after so long (Tapo C220: 10 s). */
  readonly closePullAfterMs: number | undefined
  /** A longer Timeout is answered with PullMessagesFaultResponse; ONVIF Core wants one minute at least. */
  readonly maxPullTimeoutMs: number
  /** Pulls are answered in time, and never bring a message. */
  readonly silent: boolean
  /** A second pull while one waits: a fault, as ONVIF Core has it, or both are served. */
  readonly parallelPull: "fault" | "served"

  // State at the beginning

  /** What a new subscription is told: every property as `Initialized`, nothing, or every property as a `Changed`. */
  readonly initialState: "initialized" | "none" | "changed"
  /** So many of the newest momentary messages come again in a new subscription. */
  readonly repeatsOnSubscribe: number
  /** SetSynchronizationPoint is not implemented: ActionNotSupported. */
  readonly synchronizationUnsupported: boolean
  /** How often each message comes in an answer. */
  readonly copies: number

  // Messages

  /** How UtcTime is written. */
  readonly utcTime: InstantStyle
  readonly booleans: BooleanSpelling
  readonly topicSpelling:
    | "standard"
    /** `tns1:Device/tns1:Trigger/…` (Hanwha). */
    | "every-segment"
    /** Another prefix for the same namespace. */
    | "other-prefix"
    | "undeclared-prefix"
    | "no-prefix"
    | "trailing-slash"
    /** `…//.` */
    | "trailing-wildcard"
    /** `…/.` */
    | "trailing-dot"
    | "white-space"
  /** `junk`: a namespace declaration has slipped into the Dialect's value. */
  readonly dialect: "standard" | "junk"
  /** The device's own names for items: `{ Source: "VideoSourceToken" }`. */
  readonly itemNames: Readonly<Record<string, string>>
  /** Items that stand in Key, wherever they belong (older rules have their object's id there). */
  readonly keyItems: ReadonlyArray<string>
  /** Parts of a message that are left out: Topic, Dialect, UtcTime, PropertyOperation, Source, Key, Data, Value. */
  readonly omits: ReadonlyArray<string>
  /** No message tells the end of a motion. */
  readonly motionNeverEnds: boolean

  // Clock

  /** GetSystemDateAndTime asks for credentials. */
  readonly clockNeedsAuth: boolean
  /** GetSystemDateAndTime tells local time only. */
  readonly noUtcDateTime: boolean
  /** The device's clock is this far ahead of the truth; a change of it is a jump. */
  readonly clockSkewMs: number

  // Services

  /** Operations the device does not have: ActionNotSupported. `GetServices` makes it one of before ONVIF 2.0. */
  readonly unsupported: ReadonlyArray<string>

  // Picture

  readonly snapshot:
    | "good"
    /** The same bytes for ever. */
    | "frozen"
    /** An HTML page, status 200. */
    | "html"
    /** Half of the picture, with a Content-Length that says so. */
    | "truncated"
    /** A picture followed by 20 MB of nothing. */
    | "huge"
    /** 302 to another host. */
    | "redirect"
    /** The answer begins, and goes on by one byte a second. */
    | "slow"
    /** 503. */
    | "unavailable"
    /** The picture, as `text/plain`. */
    | "wrong-type"
    /** 200 and no body. */
    | "empty"
  /** The picture's address is another after each restart, and says so (InvalidAfterReboot). */
  readonly snapshotMoves: boolean
}

/** A device that does as the standard says. */
export const noFaults: Faults = {
  answers: {},
  refuseEveryone: false,
  refuseNext: 0,
  // RFC 7616, 5.4 leaves it to the server; Axis takes minutes.
  nonceLifeMs: 300_000,
  nextNonce: false,
  echoesHeader: false,
  addressing: "checked",
  contentTypeAction: "ignored",
  referenceParameters: false,
  advertisedHost: "own",
  advertisedScheme: "own",
  subscriptionAddress: "own",
  refuseCreate: 0,
  maxPullPoints: 10,
  grantedLeaseMs: undefined,
  relativeTimeBroken: false,
  terminationInPast: false,
  omitTimes: [],
  timeStyle: "utc",
  renewUnsupported: false,
  extendOnPull: true,
  cancelAllOnUnsubscribe: false,
  resourceUnknownOnPull: 0,
  queueLimit: 1000,
  emptyReplyEarly: false,
  closePullAfterMs: undefined,
  maxPullTimeoutMs: 300_000,
  silent: false,
  parallelPull: "fault",
  initialState: "initialized",
  repeatsOnSubscribe: 0,
  synchronizationUnsupported: false,
  copies: 1,
  utcTime: "utc",
  booleans: "true/false",
  topicSpelling: "standard",
  dialect: "standard",
  itemNames: {},
  keyItems: [],
  omits: [],
  motionNeverEnds: false,
  clockNeedsAuth: false,
  noUtcDateTime: false,
  clockSkewMs: 0,
  unsupported: [],
  snapshot: "good",
  snapshotMoves: false
}
