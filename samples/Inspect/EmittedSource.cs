using System.Runtime.CompilerServices;

namespace Graph.Inspect;

/// <summary>The files that the generator wrote while Models was built; they lie in its obj folder.</summary>
internal static class EmittedSource
{
    /// <exception cref="GraphException">The repository's Models project has not been built here.</exception>
    public static void Write(string model, TextWriter output)
    {
        var folder = Path.Combine(Here(), "..", "..", "Models", "obj", "generated", "Graph.Generator", "Graph.Generator.ModelGenerator");
        if (!Directory.Exists(folder))
        {
            throw new GraphException($"{Path.GetFullPath(folder)}: no emitted files; build Models in this checkout first.");
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*." + model + ".*.g.cs").Order(StringComparer.Ordinal))
        {
            output.WriteLine();
            output.WriteLine($"==== {Path.GetFileName(file)}");
            output.Write(File.ReadAllText(file));
        }
    }

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
