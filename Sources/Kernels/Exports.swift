// What definitions say is part of what this module offers; the build tool needs them before there is this module.
@_exported import KernelDefinitions
