extension KernelLibrary {
    /// Where the families lie: `attention/family.json`, sorted.
    package var familyPaths: [String] { paths.filter { $0.split(separator: "/").dropFirst() == ["family.json"] } }

    /// Where the strategies lie: `attention/flash/strategy.json`, sorted.
    package var strategyPaths: [String] { paths.filter { $0.split(separator: "/").dropFirst(2) == ["strategy.json"] } }

    /// Reads a family.json.
    ///
    /// - Throws: ``KernelError`` with code `invalidDefinition` that names file and key.
    package func family(at path: String) throws(KernelError) -> Family {
        try Family(try reader(path), folder: Self.folders(path)[0])
    }

    /// Reads a strategy.json, and finds which sources it has.
    ///
    /// - Throws: ``KernelError`` with code `invalidDefinition` that names file and key.
    package func strategy(at path: String, families: [Family]) throws(KernelError) -> Strategy {
        let folders = Self.folders(path), reader = try reader(path)
        guard let family = families.first(where: { $0.name == folders[0] }) else {
            throw reader.failure("there is no family '\(folders[0])': no sound \(folders[0])/family.json")
        }
        var strategy = try Strategy(reader, family: folders[0], folder: folders[1])
        try strategy.check(against: family)
        for form in StageForm.all {
            strategy.sources[form.backend] = Set(
                strategy.sourceNames.filter { name in
                    form.endings.contains { contains("\(strategy.family)/\(strategy.name)/\(name).\($0)") }
                })
        }
        try strategy.checkSources()
        return strategy
    }

    private func reader(_ path: String) throws(KernelError) -> DefinitionReader {
        try DefinitionReader(file: location(path), bytes: try bytes(path))
    }

    private static func folders(_ path: String) -> [String] { path.split(separator: "/").dropLast().map(String.init) }
}

extension Strategy {
    /// The names that its sources can have, without endings: `<stage>` and `<stage>.<variant>`.
    package var sourceNames: [String] {
        stages.flatMap { stage in
            [stage.name] + stage.variants.map { StageInterface.sourceName(stage: stage.name, variant: $0.name) }
        }
    }

    /// What each stage and each variant that has a source binds on a backend.
    package func interfaces(_ family: Family, backend: String) -> [StageInterface] {
        stages.flatMap { stage in
            ([nil] + stage.variants).map { variant in
                StageInterface(family: family, strategy: self, stage: stage, variant: variant, backend: backend)
            }
        }.filter { sources[backend]?.contains($0.sourceName) != false }
    }
}
