import { readSecret, type SecretReference } from "../../adapters/secret.ts"
import type { Sent } from "./channel.ts"

/** A secret where it is kept, or what a channel answers to every message while it is not there. */
export const secretOf = (reference: SecretReference): { readonly value: string } | { readonly missing: Sent } => {
  try {
    return { value: readSecret(reference) }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return { missing: { _tag: "Refused", scope: "channel", reason } }
  }
}
