using System.Text.RegularExpressions;

namespace Graph.Generator.Tests;

/// <summary>Rules of the repository that no compiler checks.</summary>
public sealed partial class RepositoryShapeTests
{
    private static readonly string[] Folders = ["Generator", "Runtime", "Models", "samples", "tests"];

    [Fact]
    public void Hand_written_files_are_short()
    {
        foreach (var path in Folders.SelectMany(Repository.Sources))
        {
            var limit = path.StartsWith("Runtime/Operators/", StringComparison.Ordinal) ? 600 : 400;
            Assert.True(Repository.Read(path).Count(c => c == '\n') <= limit, $"{path} has more than {limit} lines");
        }
    }

    [Fact]
    public void Symbols_end_at_the_reader() => Assert.All(
        Repository.Sources("Generator").Where(p => !MayNameSymbols().IsMatch(p)),
        path => Assert.False(Repository.Read(path).Contains("Microsoft.CodeAnalysis", StringComparison.Ordinal), $"{path} uses the compiler's types"));

    [Theory]
    [InlineData("Generator/Generator.csproj", "")]
    [InlineData("Runtime/Runtime.csproj", "analyzer:Generator")]
    [InlineData("Models/Models.csproj", "Runtime analyzer:Generator")]
    public void References_point_down(string project, string expected)
    {
        var references = Reference().Matches(Repository.Read(project)).Select(m => (m.Value.Contains("OutputItemType=\"Analyzer\"", StringComparison.Ordinal) ? "analyzer:" : "") + m.Groups[1].Value);
        Assert.Equal(expected, string.Join(" ", references));
    }

    [Fact]
    public void Runtime_knows_nothing_of_puzzles() => Assert.All(
        Repository.Sources("Runtime"),
        path => Assert.False(Repository.Read(path).Contains("Sudoku", StringComparison.OrdinalIgnoreCase), path));

    [Fact]
    public void Gpu_library_stays_in_its_corner() => Assert.All(
        Folders.SelectMany(Repository.Sources).Where(p => !MayNameIlgpu().IsMatch(p)),
        path => Assert.False(Repository.Read(path).Contains("ILGPU", StringComparison.Ordinal), path));

    /// <summary>Readers, pipelines, and what becomes a diagnostic.</summary>
    [GeneratedRegex("^Generator/(Reading/.*|ModelGenerator|TensorCores/TensorCore(Generator|Reader)|Diagnostics/Descriptors)\\.cs$")]
    private static partial Regex MayNameSymbols();

    /// <summary>The executor, what is written for devices (<c>Gpu</c> in the name of file or folder), and the text of emitted kernels.</summary>
    [GeneratedRegex("^Runtime/Execution/Ilgpu/|Gpu[A-Za-z0-9.]*\\.cs$|/Gpu/|^tests/PtxInterpreter/|^Generator/(Emit/Code|TensorCores/ProductEmitter).cs$|/Snapshots/|/RepositoryShapeTests.cs$|/GeneratorRun.cs$")]
    private static partial Regex MayNameIlgpu();

    [GeneratedRegex("<ProjectReference Include=\"[./]*/([A-Za-z]+)/[^>]*>")]
    private static partial Regex Reference();
}
