import type { PageId } from "./place.ts"

/** Something that one key does. */
export interface KeyLine {
  readonly id: string
  /** `KeyboardEvent.key`, letters in lower case; any of them does it. */
  readonly keys: readonly [string, ...ReadonlyArray<string>]
  /** What it does, as the key sheet says it. */
  readonly does: string
  /** Only while this page is looked at; absent: everywhere. */
  readonly on?: PageId
  /** Holding the key down does it again and again. */
  readonly repeats?: true
}

/**
 * Every single-key shortcut of the console, as data: the key sheet shows it, officers change it, and `useKeys` says what
 * each one does. Pages have the digits in the order of the rail: 1 desk, 2 plan, 3 incidents, 4 journal, 5 shift,
 * 6 alarm health, 7 health, 8 gaps, 9 people, 0 what if.
 */
export const keyMap = [
  { id: "alert.acknowledge", keys: ["a"], does: "Acknowledge the selected alert", on: "desk" },
  { id: "alert.undo", keys: ["z"], does: "Undo your acknowledgement, within ten seconds", on: "desk" },
  { id: "alert.claim", keys: ["l"], does: "Take the selected alert in hand, or let it go", on: "desk" },
  { id: "alert.close", keys: ["c"], does: "Close the selected alert (asks for the outcome)", on: "desk" },
  { id: "alert.shelve", keys: ["h"], does: "Shelve or unshelve the selected alert (never a critical one)", on: "desk" },
  { id: "alert.note", keys: ["e"], does: "Enter a note on the selected alert", on: "desk" },
  { id: "alert.next", keys: ["j", "ArrowDown"], does: "Next alert", on: "desk", repeats: true },
  { id: "alert.previous", keys: ["k", "ArrowUp"], does: "Previous alert", on: "desk", repeats: true },
  { id: "alert.next-open", keys: ["n", "u"], does: "Next unacknowledged alert", on: "desk" },
  { id: "alert.detail", keys: ["Enter"], does: "Go to the alert’s detail", on: "desk" },
  { id: "alert.frame-earlier", keys: ["ArrowLeft"], does: "The picture before", on: "desk", repeats: true },
  { id: "alert.frame-later", keys: ["ArrowRight"], does: "The picture after", on: "desk", repeats: true },
  { id: "alert.plan", keys: ["m"], does: "Show the selected alert on the plan", on: "desk" },
  { id: "alert.step", keys: ["x"], does: "Do the next step of the alert’s procedure", on: "desk" },
  { id: "alert.incident", keys: ["i"], does: "Open an incident of the alert, or add it to one", on: "desk" },
  { id: "sound.silence", keys: ["s"], does: "Silence this console for 60 s (it is logged)" },
  { id: "site.arm", keys: ["o"], does: "Arm or disarm an area" },
  { id: "site.threat", keys: ["t"], does: "Set the threat level" },
  { id: "page.desk", keys: ["1", "d"], does: "Desk: alerts are answered here" },
  { id: "page.plan", keys: ["2", "p"], does: "Plan: what is where, and how it stands" },
  { id: "page.incidents", keys: ["3"], does: "Incidents: the cases that officers keep" },
  { id: "page.journal", keys: ["4"], does: "Journal: what was, looked up in the log" },
  { id: "page.shift", keys: ["5"], does: "Shift: who works, and what is handed over" },
  { id: "page.alarm-health", keys: ["6"], does: "Alarm health: how alerts serve those who answer them" },
  { id: "page.health", keys: ["7"], does: "Health: the gateway, its links and its devices" },
  { id: "page.gaps", keys: ["8", "g"], does: "Gaps: what is not protected now" },
  { id: "page.people", keys: ["9"], does: "People: who they are, and how they are reached" },
  { id: "page.phone", keys: ["v"], does: "My devices: where alerts reach me" },
  { id: "page.what-if", keys: ["0", "w"], does: "What if: try a change over the recorded log" },
  { id: "journal.find", keys: ["/"], does: "Look something up", on: "journal" },
  { id: "keys", keys: ["?"], does: "This sheet" }
] as const satisfies ReadonlyArray<KeyLine>

export type KeyId = (typeof keyMap)[number]["id"]

/** Keys in an officer's own places, by what they do. */
export type OwnKeys = Readonly<Partial<Record<KeyId, string>>>

/** The keys that do it, an officer's own in the place of the usual ones. */
export const keysOf = (line: KeyLine, own: OwnKeys): ReadonlyArray<string> => {
  const mine = own[line.id as KeyId]
  return mine === undefined ? line.keys : [mine]
}

const meet = (a: KeyLine, b: KeyLine): boolean => a.on === undefined || b.on === undefined || a.on === b.on

/** What already has this key where `line` would use it. */
export const holderOf = (key: string, line: KeyLine, own: OwnKeys): KeyLine | undefined =>
  keyMap.find((other: KeyLine) => other.id !== line.id && meet(other, line) && keysOf(other, own).includes(key))

/** What a key does on a page. */
export const lineFor = (key: string, page: PageId, own: OwnKeys): (KeyLine & { readonly id: KeyId }) | undefined =>
  keyMap.find((line: KeyLine) => (line.on === undefined || line.on === page) && keysOf(line, own).includes(key))

const names: Readonly<Record<string, string>> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  " ": "Space"
}

/** A key as it stands on the keyboard. */
export const keyName = (key: string): string => names[key] ?? (key.length === 1 ? key.toUpperCase() : key)
