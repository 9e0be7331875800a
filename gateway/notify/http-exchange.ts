import type { FilledRequest } from "./http-template.ts"

/** A body says in its beginning whether a provider took a message; what is longer is not looked at. */
const bodyMax = 10_000

/** What a provider answers. */
export interface HttpAnswer {
  readonly status: number
  /** Its first 10 000 characters. */
  readonly body: string
  readonly retryAfter: string | null
}

/** Sends a request, once. A redirect is never followed: what is ours would go to whom nobody has named. */
export const exchange = async (
  { url, method, headers, body }: FilledRequest,
  signal: AbortSignal
): Promise<HttpAnswer> => {
  const response = await fetch(url, {
    method,
    headers,
    signal,
    redirect: "error",
    ...(body === undefined ? {} : { body })
  })
  return {
    status: response.status,
    body: (await response.text()).slice(0, bodyMax),
    retryAfter: response.headers.get("retry-after")
  }
}

/** fetch says only "fetch failed"; what went wrong on the network is its cause. */
export const whyNoAnswer = (failure: unknown): string => {
  const cause = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure
  return cause instanceof Error ? cause.message : String(cause)
}
