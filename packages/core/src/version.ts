/** The version of Assay, as in the package manifests; a test compares them. */
export const version = '0.1.0'
