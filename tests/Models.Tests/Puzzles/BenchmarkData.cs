using System.Security.Cryptography;
using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Finds benchmark data: the excerpts in tests/data, and the whole sets where they are there.</summary>
internal static class BenchmarkData
{
    /// <summary>A file or folder of tests/data.</summary>
    public static string Excerpt(string name) =>
        Above(Path.Combine("tests", "data", name)) ?? throw new FileNotFoundException($"tests/data/{name} is in no folder above {AppContext.BaseDirectory}.");

    /// <summary>A file or folder of the whole data (GRAPH_SHARED, or ../shared/data beside the checkout); without it the test is skipped.</summary>
    public static string Whole(string name)
    {
        var root = Environment.GetEnvironmentVariable("GRAPH_SHARED") is { Length: > 0 } set
            ? Directory.Exists(Path.Combine(set, "data")) ? Path.Combine(set, "data") : set
            : Above(Path.Combine("shared", "data"));
        Assert.SkipWhen(root is null, "The whole benchmark data are neither in GRAPH_SHARED nor in ../shared/data.");
        return Path.Combine(root!, name);
    }

    /// <summary>One digest of all files under a folder: SHA-256 of their digests in hex, in order of their relative paths.</summary>
    public static string Digest(string folder)
    {
        var hashes = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .OrderBy(path => Path.GetRelativePath(folder, path), StringComparer.Ordinal)
            .Select(path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));
        return Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(string.Concat(hashes))));
    }

    public static ArcBuildOptions ArcExcerpt(string output) => new()
    {
        InputPrefix = Path.Combine(Excerpt("arc"), "arc-agi"),
        OutputDirectory = output,
        Subsets = ["training", "evaluation", "concept"],
        TestSubset = "evaluation",
        Augmentations = 3,
    };

    public static SudokuBuildOptions SudokuExcerpt(string output) => new()
    {
        TrainFile = Excerpt("sudoku/train.csv"),
        TestFile = Excerpt("sudoku/test.csv"),
        OutputDirectory = output,
        Augmentations = 4,
        SubsampleSize = 10,
        MinDifficulty = 3,
    };

    public static MazeBuildOptions MazeExcerpt(string output) => new()
    {
        TrainFile = Excerpt("maze/train.csv"),
        TestFile = Excerpt("maze/test.csv"),
        OutputDirectory = output,
        Dihedral = true,
        SubsampleSize = 2,
    };

    private static string? Above(string name)
    {
        for (DirectoryInfo? up = new(AppContext.BaseDirectory); up is not null; up = up.Parent)
        {
            var path = Path.Combine(up.FullName, name);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
