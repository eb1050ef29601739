/// The page's own style and script, which are files in the folder Page and part of the binary.
package enum PageResource {
    package static let style = String(decoding: PackageResources.report_css, as: UTF8.self)
    static let script = String(decoding: PackageResources.report_js, as: UTF8.self)
}
