using System.Diagnostics;
using System.Globalization;
using Graph.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Graph.Bench;

/// <summary>Time that the generator takes for each shipped model, run in this process over the sources of <c>Models</c>.</summary>
internal static class CompileReport
{
    public const string Formula =
        "compile: one run of the generator's driver over the blocks of Models and that model, with the binding it asks for and the parsing of what it emits, "
        + "fastest of several fresh drivers after one that warms the JIT; edit is the same driver again after another file was added.";

    private const int Runs = 7;

    public static void Run(bool json, TextWriter output)
    {
        string folder = Folder();
        CSharpParseOptions parse = new(LanguageVersion.CSharp14);
        SyntaxTree[] trees = [.. Directory.EnumerateFiles(folder, "*.cs").Order(StringComparer.Ordinal).Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f), parse, f))];
        SyntaxTree[] models = [.. trees.Where(t => t.ToString().Contains("[Model]", StringComparison.Ordinal))];
        SyntaxTree[] shared = [.. trees.Except(models).Where(t => Path.GetFileName(t.FilePath) != "ShippedModels.cs")];
        string platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        MetadataReference[] references = [.. platform.Split(Path.PathSeparator).Where(f => Path.GetFileName(f) != "Graph.Models.dll").Select(f => MetadataReference.CreateFromFile(f))];
        List<string> fields = [];
        foreach (SyntaxTree model in models)
        {
            string name = Path.GetFileNameWithoutExtension(model.FilePath);
            (double fresh, double edit, int lines) = Time(parse, [.. shared, model], references);
            fields.Add(string.Create(CultureInfo.InvariantCulture, $"\"{name}\":{{\"ms\":{fresh:F1},\"edit_ms\":{edit:F1},\"lines\":{lines}}}"));
            if (!json)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-18}{fresh,8:F1} ms, after an edit elsewhere {edit,6:F1} ms; {lines} lines emitted"));
            }
        }

        if (json)
        {
            output.WriteLine($"{{{string.Join(',', fields)}}}");
        }
    }

    private static (double Fresh, double Edit, int Lines) Time(CSharpParseOptions parse, SyntaxTree[] trees, MetadataReference[] references)
    {
        (double fresh, double edit, int lines) = (double.MaxValue, double.MaxValue, 0);
        for (int run = 0; run <= Runs; run++)
        {
            var input = CSharpCompilation.Create("Timed", trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
            GeneratorDriver driver = CSharpGeneratorDriver.Create([new ModelGenerator().AsSourceGenerator()], parseOptions: parse);
            long start = Stopwatch.GetTimestamp();
            driver = driver.RunGenerators(input);
            double first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            CSharpCompilation changed = input.AddSyntaxTrees(CSharpSyntaxTree.ParseText($"namespace Timed; internal static class Edit{run};", parse));
            start = Stopwatch.GetTimestamp();
            driver = driver.RunGenerators(changed);
            if (run > 0)
            {
                fresh = Math.Min(fresh, first);
                edit = Math.Min(edit, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            lines = driver.GetRunResult().GeneratedTrees.Sum(t => t.GetText().Lines.Count);
        }

        return (fresh, edit, lines);
    }

    /// <summary>The sources beside the build that runs.</summary>
    private static string Folder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Graph.slnx")))
            {
                return Path.Combine(at.FullName, "Models");
            }
        }

        throw new GraphException("compile: the sources of Models were not found above the program's folder.");
    }
}
