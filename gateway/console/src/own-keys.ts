import { useSyncExternalStore } from "react"
import { keyMap, keyName, keysOf, type KeyId, type KeyLine, type OwnKeys } from "./keys.ts"

const switchedKey = "gatehouse.shortcuts"
const ownKey = "gatehouse.keys"

/** What an officer has made of the key map on this computer (WCAG 2.1.4: off, or on other keys). */
export interface KeySettings {
  readonly on: boolean
  readonly own: OwnKeys
}

const read = (): KeySettings => {
  const on = localStorage.getItem(switchedKey) !== "off"
  try {
    const written = JSON.parse(localStorage.getItem(ownKey) ?? "{}") as Record<string, unknown>
    const own = keyMap.flatMap(({ id }) => (typeof written[id] === "string" ? [[id, written[id]] as const] : []))
    return { on, own: Object.fromEntries(own) }
  } catch {
    return { on, own: {} }
  }
}

let current = read()
const listeners = new Set<() => void>()

const become = (next: KeySettings): void => {
  localStorage.setItem(switchedKey, next.on ? "on" : "off")
  localStorage.setItem(ownKey, JSON.stringify(next.own))
  current = next
  for (const changed of listeners) changed()
}

export const keySettings = {
  now: (): KeySettings => current,
  switchOn: (): void => become({ ...current, on: true }),
  switchOff: (): void => become({ ...current, on: false }),
  use: (id: KeyId, key: string): void => become({ ...current, own: { ...current.own, [id]: key } }),
  /** The usual keys again, and the single keys as they are switched. */
  reset: (): void => become({ ...current, own: {} })
}

export const useKeySettings = (): KeySettings =>
  useSyncExternalStore(
    (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    () => current
  )

/** The key to write on a button, for `aria-keyshortcuts` too; `undefined` while single keys are off. */
export const useKeyName = (id: KeyId): string | undefined => {
  const { on, own } = useKeySettings()
  const line: KeyLine | undefined = keyMap.find((one) => one.id === id)
  const key = line === undefined ? undefined : keysOf(line, own)[0]
  return !on || key === undefined ? undefined : keyName(key)
}
