import type { Gap } from "./wire.ts"
import { useState, useSyncExternalStore } from "react"

/** The pages of the console. The desk is where alerts are answered; the others are for looking into things. */
export const pages = [
  { id: "desk", name: "Desk", key: "d" },
  { id: "gaps", name: "Gaps", key: "g" },
  { id: "what-if", name: "What if", key: "w" }
] as const

export type PageId = (typeof pages)[number]["id"]

const pageIn = (hash: string): PageId => pages.find(({ id }) => hash === `#${id}`)?.id ?? "desk"

/** Gaps of this severity and worse are told in the colour of what must not be missed. */
export const pressing = 2

/** Which page the address names; an address that names none is the desk's. */
export const usePage = (): PageId =>
  useSyncExternalStore(
    (changed) => {
      addEventListener("hashchange", changed)
      return () => removeEventListener("hashchange", changed)
    },
    () => pageIn(location.hash)
  )

/** The pages that were looked at: they stay as they were left while an officer is called to another one. */
export const useVisited = (page: PageId): ReadonlySet<PageId> => {
  const [visited, setVisited] = useState<ReadonlySet<PageId>>(() => new Set([page]))
  if (!visited.has(page)) setVisited(new Set([...visited, page]))
  return visited
}

/** Goes to a page, so that the browser's own Back leads back. */
export const goTo = (page: PageId): void => {
  location.hash = page
}

interface NavProps {
  readonly page: PageId
  /** Alerts that wait for somebody: told wherever the officer is. */
  readonly unacknowledged: number
  readonly gaps: ReadonlyArray<Gap>
  readonly gapsTotal: number
}

/** The way from page to page, with what waits at the desk. */
export const PageNav = ({ page, unacknowledged, gaps, gapsTotal }: NavProps) => (
  <nav className="pages" aria-label="Pages">
    {pages.map(({ id, name }) => (
      <a key={id} href={`#${id}`} aria-current={id === page ? "page" : undefined}>
        {name}
        {id === "desk" && page !== "desk" && unacknowledged > 0 && (
          <strong className="waiting">
            {unacknowledged} <span className="waiting-word">unacknowledged</span>
          </strong>
        )}
        {id === "gaps" && gaps.length > 0 && (
          <strong className={gaps.some(({ severity }) => severity <= pressing) ? "waiting" : "tallied"}>
            {gapsTotal} <span className="waiting-word unseen">not protected</span>
          </strong>
        )}
      </a>
    ))}
  </nav>
)
