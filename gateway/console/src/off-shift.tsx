import { peopleApi } from "./people-api.ts"
import type { SignedIn } from "./people-wire.ts"
import { addressOf, type PageId } from "./place.ts"
import { useLoaded } from "./use-loaded.ts"

interface OffShiftProps {
  readonly me: SignedIn
  readonly news: number
  readonly page: PageId
}

const Asked = ({ me, news }: Pick<OffShiftProps, "me" | "news">) => {
  const { value: shift } = useLoaded(peopleApi.shift, news, undefined)
  if (shift === undefined || shift.on.some(({ name }) => name === me.name)) return null
  return (
    <p className="banner off-shift" role="status">
      <span>You are signed in and not on shift.</span>
      <a href={addressOf("shift")}>Start your shift</a>
    </p>
  )
}

/** Asks who works shifts here to sign on, wherever they are but on the page where they do. */
export const OffShift = ({ me, news, page }: OffShiftProps) =>
  me.person === undefined || page === "shift" || !me.rights.includes("work-shift") ? null : <Asked {...{ me, news }} />
