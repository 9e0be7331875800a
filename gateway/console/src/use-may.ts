import { createContext, useContext } from "react"
import type { Right } from "../../api/rights.ts"
import type { SignedIn } from "./people-wire.ts"

/** Who is signed in. */
export const Me = createContext<SignedIn | undefined>(undefined)

/** What who is signed in may. The gateway decides; asking spares an officer what it would refuse. */
export const useRights = (): ((right: Right) => boolean) => {
  const me = useContext(Me)
  return (right) => me?.rights.includes(right) === true
}

/** Whether who is signed in may do something. */
export const useMay = (right: Right): boolean => useRights()(right)
