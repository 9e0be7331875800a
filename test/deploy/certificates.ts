import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"

/** An authority and a certificate for each name, as an integrator makes them with openssl: `<name>.pem`, `<name>.key`. */
export const makeCertificates = (directory: string, names: ReadonlyArray<string>): void => {
  const path = (name: string): string => join(directory, name)
  // node-opcua points this variable at a configuration of its own, once it is loaded.
  const env = { ...process.env, OPENSSL_CONF: undefined }
  const openssl = (...args: ReadonlyArray<string>) => execFileSync("openssl", args, { stdio: "ignore", env })
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
  openssl(
    "req",
    "-x509",
    ...ec,
    "-keyout",
    path("ca.key"),
    "-out",
    path("ca.pem"),
    "-days",
    "30",
    "-subj",
    "/CN=Campus"
  )
  writeFileSync(path("san"), "subjectAltName=IP:127.0.0.1,DNS:localhost")
  const authority = ["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial", "-extfile", path("san")]
  for (const name of names) {
    openssl("req", ...ec, "-keyout", path(`${name}.key`), "-out", path(`${name}.csr`), "-subj", `/CN=${name}`)
    openssl("x509", "-req", "-in", path(`${name}.csr`), ...authority, "-days", "30", "-out", path(`${name}.pem`))
  }
}
