import { useEffect, useState, useSyncExternalStore } from "react"

/** This computer's clock in epoch ms, renewed every second: for ages only. */
export const useNow = (): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

const narrow = matchMedia("(max-width: 760px)")

/** Whether the phone layout is shown; the same width as in the style sheet. */
export const usePhone = (): boolean =>
  useSyncExternalStore(
    (changed) => {
      narrow.addEventListener("change", changed)
      return () => narrow.removeEventListener("change", changed)
    },
    () => narrow.matches
  )
