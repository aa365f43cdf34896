using Graph.Models.Puzzles;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>A hundred thousand damaged inputs a reader: only <see cref="GraphException"/> comes out, and memory follows the size of the input.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 100_000;

    // Arrays that a reader may legitimately make are some dozens of bytes a byte of input (a grid cell, a string, a list entry).
    private const long AllocatedPerByte = 256;
    private const long AllocatedAtOnce = 1 << 20;

    [Fact]
    public void Npy() => Fuzz(
        1,
        [File("a.npy", NpyType.I32, 3), File("a.npy", NpyType.I64, 4), File("a.npy", NpyType.U8, 9), VersionTwo(File("a.npy", NpyType.I8, 9))],
        bytes =>
        {
            using var array = NpyArray.Parse("a.npy", bytes);
            array.Vector();
        });

    [Fact]
    public void ArcTasks() => Fuzz(
        2,
        [
            """{"a": {"train": [{"input": [[1, 2], [3, 4]], "output": [[5]]}], "test": [{"input": [[7]]}]}, "b": {"test": [{"input": [[0]], "output": [[1, 1]]}], "train": [{"input": [[9]], "output": [[8]]}]}}"""u8.ToArray(),
            """{"a": {"train": [{"input": [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]], "output": [[5]]}], "test": [{"input": [[7]]}]}}"""u8.ToArray(),
        ],
        bytes => ArcTaskFile.Parse("a.json", bytes));

    [Fact]
    public void ArcSolutions()
    {
        var challenges = """{"a": {"train": [{"input": [[1]], "output": [[5]]}], "test": [{"input": [[7]]}, {"input": [[8]]}]}}"""u8.ToArray();
        Fuzz(3, ["""{"a": [[[1, 2], [3, 4]], [[5]]]}"""u8.ToArray()], bytes => ArcTaskFile.Parse("c.json", challenges, "s.json", bytes));
    }

    [Fact]
    public void Metadata() => Fuzz(
        4,
        [
            """{"pad_id": 0, "ignore_label_id": 0, "blank_identifier_id": 0, "vocab_size": 12, "seq_len": 900, "num_puzzle_identifiers": 53, "total_groups": 13, "mean_puzzle_examples": 4.0, "total_puzzles": 52, "sets": ["all"]}"""u8.ToArray(),
            """{"pad_id":0,"ignore_label_id":null,"blank_identifier_id":0,"vocab_size":12,"seq_len":900,"num_puzzle_identifiers":53,"total_groups":13,"mean_puzzle_examples":4.5,"sets":["all","b"],"more":{"x":[1]}}"""u8.ToArray(),
        ],
        bytes => DataSetMetadata.Parse("dataset.json", bytes));

    [Fact]
    public void Identifiers() => Fuzz(5, ["""["<blank>", "6150a2bd", "6150a2bd|||t7|||0481963275", "\u00e9"]"""u8.ToArray()], bytes =>
    {
        foreach (var name in IdentifierList.Parse("identifiers.json", bytes))
        {
            ArcAugmentation.Parse(name);
        }
    });

    [Fact]
    public void SudokuFile() => Fuzz(
        6,
        ["source,question,answer,rating\nx,1...34...1...321,1234341221434321,5\ny,................,1234341221434321,0\n"u8.ToArray()],
        bytes => SudokuCsv.Parse("a.csv", bytes, SudokuShape.Grid4));

    [Fact]
    public void MazeFile() => Fuzz(
        7,
        ["source,question,answer,rating\n,S #  #  G,So# o# oG,5\n,# GS #   ,# GS #ooo,5\n"u8.ToArray(), "question,answer\nSG  ,SG  \r\n"u8.ToArray()],
        bytes => MazeCsv.Parse("a.csv", bytes));

    [Fact]
    public void Safetensors()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.safetensors");
        var writer = new SafetensorsWriter { Metadata = { ["step"] = "7" } };
        writer.Add("w", [2, 3], new float[6]);
        writer.Add("ids", [4], new int[4]);
        writer.Save(path);
        Fuzz(8, [System.IO.File.ReadAllBytes(path)], bytes =>
        {
            using var file = SafetensorsFile.Parse("a.safetensors", bytes);
            foreach (var entry in file.Tensors.Values)
            {
                if (entry.Type is TensorType.F32 or TensorType.F64 or TensorType.BF16)
                {
                    file.Floats(entry.Name);
                }
                else
                {
                    file.Ints(entry.Name);
                }
            }
        });
    }

    private static void Fuzz(int seed, byte[][] valid, Action<byte[]> read)
    {
        Assert.All(valid, read);
        var mutator = new Mutator(seed);
        var refused = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = mutator.Mutate(valid[i % valid.Length]);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(bytes);
            }
            catch (GraphException e)
            {
                refused++;
                Assert.NotEmpty(e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"Input {i} of seed {seed} ({Convert.ToBase64String(bytes)}): {e}");
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= AllocatedAtOnce + AllocatedPerByte * bytes.Length, $"Input {i} of seed {seed} ({Convert.ToBase64String(bytes)}) took {allocated} bytes.");
        }

        // Damage that is never seen, or never survived, would test little.
        Assert.InRange(refused, Inputs / 2, Inputs - 1);
    }

    private static byte[] File(string name, NpyType type, int count)
    {
        using var folder = new TemporaryFolder();
        using (var writer = new NpyWriter(folder.File(name), type, [count]))
        {
            switch (type)
            {
                case NpyType.I32:
                    writer.Write(new int[count]);
                    break;
                case NpyType.I64:
                    writer.Write(new long[count]);
                    break;
                default:
                    writer.Write(new byte[count]);
                    break;
            }

            writer.Commit();
        }

        return System.IO.File.ReadAllBytes(folder.File(name));
    }

    /// <summary>The same file with a header of version 2.0, whose length has four bytes.</summary>
    private static byte[] VersionTwo(byte[] file) => [.. file[..6], 2, 0, file[8], file[9], 0, 0, .. file[10..]];
}
