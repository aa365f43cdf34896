using CsCheck;
using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Golden values are of TRM's own code under numpy 1.24.2.</summary>
public sealed class ArcTests
{
    private static readonly ArcGrid Sample = Grid("012", "345");

    private static readonly Gen<ArcGrid> AnyGrid =
        from height in Gen.Int[1, ArcGrid.MaxSide]
        from width in Gen.Int[1, ArcGrid.MaxSide]
        from cells in Gen.Byte[0, 9].Array[height * width]
        select new ArcGrid(height, width, cells);

    private static readonly Gen<ArcAugmentation> AnyAugmentation =
        from symmetry in Gen.Int[0, 7]
        from colours in Gen.Shuffle(Enumerable.Range(0, 10).Select(i => (byte)i).ToArray())
        select new ArcAugmentation("abc", new Dihedral(symmetry), new ColourMap(colours));

    [Theory]
    [InlineData(0, "012", "345")]
    [InlineData(1, "25", "14", "03")]
    [InlineData(2, "543", "210")]
    [InlineData(3, "30", "41", "52")]
    [InlineData(4, "210", "543")]
    [InlineData(5, "345", "012")]
    [InlineData(6, "03", "14", "25")]
    [InlineData(7, "52", "41", "30")]
    public void SymmetriesAreTrms(int id, params string[] rows) => Assert.Equal(Grid(rows), new Dihedral(id).Apply(Sample));

    [Fact]
    public void InversesAreTrms() => Assert.Equal([0, 3, 2, 1, 4, 5, 6, 7], Enumerable.Range(0, 8).Select(id => new Dihedral(id).Inverse.Id));

    [Fact]
    public void SymmetriesAreAGroup()
    {
        var all = Enumerable.Range(0, Dihedral.Count).Select(id => new Dihedral(id)).ToArray();
        foreach (var a in all)
        {
            Assert.Equal(new Dihedral(0), a.Then(a.Inverse));
            Assert.Equal(new Dihedral(0), a.Inverse.Then(a));
            Assert.Equal(8, all.Select(a.Then).Distinct().Count());
            foreach (var b in all)
            {
                Assert.Equal(b.Apply(a.Apply(Sample)), a.Then(b).Apply(Sample));
                Assert.All(all, c => Assert.Equal(a.Then(b).Then(c), a.Then(b.Then(c))));
            }
        }
    }

    [Fact]
    public void GridHashesAreTrms()
    {
        Assert.Equal("9f44ac6acb8a37b00b615dc89259d306035be82dee7db2b472e4c48326195440", Grid("0").Hash());
        Assert.Equal("ab9cb75e0fc8851387cceea2ca1eb5eaebad6285055146bf55cd20bcbc33c3b4", Sample.Hash());
        Assert.Equal("b1e8ab91616213465afe145e491bfae0f351e578cf3e2b0df80243b00c16540c", new Dihedral(6).Apply(Sample).Hash());
    }

    [Fact]
    public void FirstDrawIsTrms()
    {
        var drawn = new ArcAugmenter(new NumpyRandomState(42)).Draw("abc");
        Assert.Equal("abc|||t6|||0926183754", drawn.Name);
        Assert.Equal(Grid("06", "91", "28"), drawn.Apply(Sample));
        Assert.Equal(drawn, ArcAugmentation.Parse(drawn.Name));
        Assert.Equal(Sample, drawn.Inverse(Grid("06", "91", "28")));
    }

    [Fact]
    public void TranslatedEncodingIsTrms()
    {
        var (input, output) = (Grid("12", "34"), Grid("5"));
        var (row, column) = ArcBuilder.Place(input, output, new NumpyRandomState(0));
        Assert.Equal((12, 15), (row, column));
        Assert.Equal("12,15=3 12,16=4 12,17=1 13,15=5 13,16=6 13,17=1 14,15=1 14,16=1", Tokens(input));
        Assert.Equal("12,15=7 12,16=1 13,15=1", Tokens(output));

        string Tokens(ArcGrid grid)
        {
            var tokens = new byte[900];
            ArcEncoding.Encode(grid, row, column, tokens);
            return string.Join(' ', Enumerable.Range(0, 900).Where(i => tokens[i] != 0).Select(i => $"{i / 30},{i % 30}={tokens[i]}"));
        }
    }

    [Fact]
    public void AugmentationsUndoThemselves() => Gen.Select(AnyGrid, AnyAugmentation).Sample((grid, augmentation) =>
    {
        var there = augmentation.Apply(grid);
        Span<byte> hash = stackalloc byte[32];
        augmentation.WriteHash(grid, hash);
        return augmentation.Inverse(there) == grid
            && augmentation.Colours.Inverse.Inverse == augmentation.Colours
            && ArcAugmentation.Parse(augmentation.Name) == augmentation
            && Convert.ToHexStringLower(hash) == there.Hash();
    });

    [Fact]
    public void CroppingUndoesEncoding() => AnyGrid.Sample(grid =>
    {
        var tokens = new byte[ArcEncoding.Length];
        ArcEncoding.Encode(grid, 0, 0, tokens);
        return ArcEncoding.Crop(tokens) == grid;
    });

    [Fact]
    public void CropIsTheLargestBlockThatStartsInTheCorner() => Gen.Int[0, 13].Array[900].Sample(tokens =>
    {
        // From the definition: every size, all its tokens colours; fewer rows win between equal areas.
        var (height, width) = (0, 0);
        for (var h = 1; h <= 30; h++)
        {
            var w = Enumerable.Range(0, 31).Last(w => Enumerable.Range(0, h * w).All(i => tokens[i / w * 30 + i % w] is >= 2 and <= 11));
            (height, width) = h * w > height * width ? (h, w) : (height, width);
        }

        var cropped = ArcEncoding.Crop(tokens);
        return (cropped.Height, cropped.Width) == (height, width);
    });

    [Fact]
    public void APredictionThatStartsWithNoColourIsEmpty()
    {
        var tokens = new int[900];
        tokens.AsSpan().Fill(5);
        Assert.Equal((30, 30), (ArcEncoding.Crop(tokens).Height, ArcEncoding.Crop(tokens).Width));
        tokens[0] = ArcEncoding.End;
        Assert.Equal((0, 0), (ArcEncoding.Crop(tokens).Height, ArcEncoding.Crop(tokens).Width));
        Assert.Equal(0, ArcAugmentation.Parse("abc|||t1|||0123456789").Inverse(ArcEncoding.Crop(tokens)).Height);
    }

    [Fact]
    public void TaskHashDoesNotSeeTheOrderOfPairs() => Gen.Select(AnyGrid.Array[2, 8], AnyAugmentation).Sample((grids, augmentation) =>
    {
        ArcPair[] pairs = [.. grids.Skip(1).Zip(grids, (a, b) => new ArcPair(a, b))];
        ArcPair[] augmented = [.. pairs.Reverse().Select(pair => new ArcPair(augmentation.Apply(pair.Input), augmentation.Apply(pair.Output)))];
        var none = ArcAugmentation.None("abc");
        return ArcTaskHash.Of(pairs, augmentation) == ArcTaskHash.Of(augmented, none)
            && ArcTaskHash.Of(augmented, none) == ArcTaskHash.Of([.. augmented.Reverse()], none);
    });

    [Fact]
    public void DrawnFormsDiffer()
    {
        var task = ArcTaskFile.OpenSubset(BenchmarkData.ArcExcerpt("").InputPrefix, "training")[0];
        var forms = new ArcAugmenter(new NumpyRandomState(1)).Draw(task, 50);
        Assert.Equal(50, forms.Count);
        Assert.Equal(51, forms.Select(form => ArcTaskHash.Of([.. task.Pairs], form)).Append(ArcTaskHash.Of(task)).Distinct().Count());
    }

    [Theory]
    [InlineData("abc|||t8|||0123456789")]
    [InlineData("abc|||6|||0123456789")]
    [InlineData("abc|||t6|||012345678")]
    [InlineData("abc|||t6|||0123456788")]
    [InlineData("abc|||t6")]
    [InlineData("abc|||t6|||0123456789|||")]
    public void AMalformedNameIsNamed(string name) => Assert.Equal(
        $"identifier '{name}': augmentation, expected task|||t0 to t7|||ten different digits",
        Assert.Throws<GraphException>(() => ArcAugmentation.Parse(name)).Message);

    [Theory]
    [InlineData("""[]""", "content, expected an object of tasks, found StartArray")]
    [InlineData("""{"a": {"train": []}}""", "task 'a', train, expected at least one pair")]
    [InlineData("""{"a": {"train": [{"input": [[1]]}]}}""", "task 'a', train[0], expected input and output")]
    [InlineData("""{"a": {"train": [{"input": [[1], [1, 2]]}]}}""", "task 'a', train[0].input row 1, expected 1 colours as in row 0, found 2")]
    [InlineData("""{"a": {"train": [{"input": [[1, 10]]}]}}""", "task 'a', train[0].input row 0 column 1, expected at most 30 colours 0 to 9, found '10'")]
    [InlineData("""{"a": {"train": [{"input": []}]}}""", "task 'a', train[0].input, expected at least one row")]
    [InlineData("""{"a": {"tests": []}}""", "task 'a', tests, expected train and test, once each")]
    [InlineData("""{"a|||t1": {}}""", "task 'a|||t1', name, expected different names that are not empty and do not hold |||")]
    public void AMalformedTaskIsNamed(string json, string message) => Assert.Equal(
        "a.json: " + message,
        Assert.Throws<GraphException>(() => ArcTaskFile.Parse("a.json", System.Text.Encoding.UTF8.GetBytes(json))).Message);

    [Fact]
    public void SolutionsOfOtherTasksAreRefused()
    {
        var challenges = """{"a": {"train": [{"input": [[1]], "output": [[5]]}], "test": [{"input": [[7]]}]}}"""u8.ToArray();
        Assert.Equal(ArcTaskFile.UnknownOutput, ArcTaskFile.Parse("c.json", challenges)[0].Test[0].Output);
        Assert.Equal(
            "s.json: task 'a', solutions, expected 1 as in c.json, found 0",
            Assert.Throws<GraphException>(() => ArcTaskFile.Parse("c.json", challenges, "s.json", """{"b": [[[1]]]}"""u8)).Message);
    }

    private static ArcGrid Grid(params string[] rows) => new(rows.Length, rows[0].Length, [.. string.Concat(rows).Select(c => (byte)(c - '0'))]);
}
