import { useEffect, useRef } from "react"
import { lineFor, type KeyId } from "./keys.ts"
import { keySettings } from "./own-keys.ts"
import type { PageId } from "./place.ts"

/** What keys do, as far as a part of the console knows. */
export type KeyActs = Readonly<Partial<Record<KeyId, () => void>>>

const parts = new Set<{ readonly current: KeyActs }>()

/** Says what keys do as long as this part is there; `keyMap` says which keys, and on which page. */
export const useKeys = (acts: KeyActs): void => {
  const current = useRef(acts)
  useEffect(() => {
    current.current = acts
  })
  useEffect(() => {
    parts.add(current)
    return () => void parts.delete(current)
  }, [])
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Enter and Space on these are their own. */
const pressable = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("button, a, summary, [role=button], [role=tab]") !== null

/** Single keys: not in text fields, not in dialogs, not with a modifier, not when an officer switched them off. */
export const useKeyboard = (page: PageId): void => {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const { on, own } = keySettings.now()
      if (!on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target))
        return
      if ((event.key === "Enter" || event.key === " ") && pressable(event.target)) return
      if (document.querySelector("dialog[open]") !== null) return
      const line = lineFor(event.key.length === 1 ? event.key.toLowerCase() : event.key, page, own)
      if (line === undefined || (event.repeat && line.repeats === undefined)) return
      const act = [...parts].map(({ current }) => current[line.id]).find((one) => one !== undefined)
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    document.addEventListener("keydown", pressed)
    return () => document.removeEventListener("keydown", pressed)
  }, [page])
}
