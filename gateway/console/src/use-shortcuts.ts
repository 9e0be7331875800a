import { useEffect, useRef } from "react"

/** Keys to what they do; a key is `KeyboardEvent.key`, letters in lower case. */
export type Shortcuts = Readonly<Record<string, () => void>>

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Enter on these is their own. */
const pressable = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("button, a, summary") !== null

/** Single-key shortcuts: off in text fields, in dialogs, with a modifier, and when the officer switched them off. */
export const useShortcuts = (on: boolean, shortcuts: Shortcuts): void => {
  const current = useRef(shortcuts)
  useEffect(() => {
    current.current = shortcuts
  })
  useEffect(() => {
    if (!on) return
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
      if (event.key === "Enter" && pressable(event.target)) return
      if (document.querySelector("dialog[open]") !== null) return
      const act = current.current[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (act === undefined || (event.repeat && !/^(Arrow|j$|k$)/i.test(event.key))) return
      event.preventDefault()
      act()
    }
    document.addEventListener("keydown", pressed)
    return () => document.removeEventListener("keydown", pressed)
  }, [on])
}
