import { useEffect, useState } from "react"
import type { Right } from "../../api/rights.ts"
import { api } from "./api.ts"

/** Whether who is signed in may do that, as far as the gateway has said: what nobody may is not offered. */
export const useMay = (right: Right): boolean => {
  const [rights, setRights] = useState<ReadonlyArray<Right>>([])
  useEffect(() => {
    let current = true
    api.session().then(
      (session) => {
        if (current) setRights(session.rights ?? [])
      },
      // The store finds out why, and says so.
      () => {}
    )
    return () => {
      current = false
    }
  }, [])
  return rights.includes(right)
}
