/** What a message does to a property (ONVIF Core Specification, 9.5.1); a message without one is a single happening. */
export type Operation = "Initialized" | "Changed" | "Deleted"

/** Items by name, as text, without a prototype: a device may call an item anything. */
export type Items = Readonly<Record<string, string>>

/** An element item's content: a text, or its parts by name; attributes begin with "@". */
export type Nested = string | { readonly [name: string]: Nested | ReadonlyArray<Nested> }

/** One message of a device, read and not yet understood. Values are text as it was sent, white space around it removed. */
export interface Notification {
  /** Canonical: see `CanonicalTopic`. */
  readonly topic: string
  /** Something of it had to be guessed: a topic that is not quite one, a text that is not quite XML. */
  readonly lenient: boolean
  readonly operation: Operation | undefined
  /** As the device wrote it. */
  readonly utcTime: string | undefined
  readonly source: Items
  readonly key: Items
  readonly data: Items
  /** The names of the source's items, in the order they came in. */
  readonly sourceNames: ReadonlyArray<string>
  readonly elements: Readonly<Record<string, Nested>>
  /** The message as XML, PINs and raw identifiers masked, at most 16 kB; written when it is asked for. */
  readonly raw: () => string
}

/** A message that cannot be read at all. */
export interface NotificationFault {
  readonly why: string
  readonly topic: string | undefined
  readonly raw: string
}
