import type { KeyId } from "./keys.ts"
import { useKeyName } from "./own-keys.ts"

/** The key that does the same as the button it stands on; nothing while single keys are off. */
export const Key = ({ of }: { readonly of: KeyId }) => {
  const name = useKeyName(of)
  return name === undefined ? null : <kbd aria-hidden="true">{name}</kbd>
}
