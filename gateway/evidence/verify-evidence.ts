import { readFileSync } from "node:fs"
import { evidenceNamed } from "../log/evidence-named.ts"
import { verifyLog, type Verified } from "../log/verify.ts"
import { evidenceDirectory, evidenceFile, hashOfPicture } from "./evidence-files.ts"

/** What verifying a log and its pictures found. */
export interface VerifiedWithEvidence extends Verified {
  /** Pictures looked at; absent where only the log was asked for. */
  readonly pictures?: number
}

const readOrNone = (file: string): Uint8Array | undefined => {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

/** Whether each picture that the log names is there, and is the one that was kept. */
const checkPictures = (dataDir: string): { readonly pictures: number; readonly faults: ReadonlyArray<string> } => {
  const named = evidenceNamed(dataDir)
  const directory = evidenceDirectory(dataDir)
  const faults = named.flatMap(({ hash, mediaType, seq, alert }) => {
    const bytes = readOrNone(evidenceFile(directory, hash, mediaType))
    const which = `the picture ${hash} of alert ${alert} (entry ${seq})`
    if (bytes === undefined) return [`${which} is missing or cannot be read`]
    return hashOfPicture(bytes) === hash ? [] : [`${which} is not what was kept`]
  })
  return { pictures: named.length, faults }
}

/** Verifies the log in `dataDir`, and with `evidence` the pictures it names; needs only the files. */
export const verifyWithEvidence = (
  dataDir: string,
  { evidence }: { readonly evidence: boolean }
): VerifiedWithEvidence => {
  const verified = verifyLog(dataDir)
  if (!evidence) return verified
  const { pictures, faults } = checkPictures(dataDir)
  return { ...verified, pictures, faults: [...verified.faults, ...faults] }
}
