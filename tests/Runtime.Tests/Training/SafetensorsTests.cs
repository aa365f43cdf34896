using System.Buffers.Binary;
using System.Text;
using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class SafetensorsTests : IDisposable
{
    private static readonly float[] One = [2.5f];

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"graph-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        float[] floats = [.. Enumerable.Range(0, 150_000).Select(i => i * 0.5f)];
        int[] ids = [-1, int.MaxValue];
        var writer = new SafetensorsWriter { Metadata = { ["note"] = "grüße \"x\"" } };
        writer.Add("a.weight", [3, 50_000], (ReadOnlyMemory<float>)floats);
        writer.Add("ids", [2], (ReadOnlyMemory<int>)ids);
        writer.Add("empty", [0, 4], (ReadOnlyMemory<float>)Array.Empty<float>());
        writer.Add("scalar", [], (ReadOnlyMemory<float>)One);
        writer.Save(_path);

        using var file = SafetensorsFile.Open(_path);
        Assert.Equal("grüße \"x\"", file.Metadata["note"]);
        Assert.Equal(floats, file.Floats("a.weight"));
        Assert.Equal([3L, 50_000L], file.Tensors["a.weight"].Shape);
        Assert.Equal(ids, file.Ints("ids"));
        Assert.Empty(file.Floats("empty"));
        Assert.Equal(One, file.Floats("scalar"));
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(_path) + ".*.tmp"));
    }

    [Fact]
    public void OtherTypesAreConverted()
    {
        Write("""{"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"l":{"dtype":"I64","shape":[1],"data_offsets":[8,16]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[16,18]},"u":{"dtype":"U8","shape":[1],"data_offsets":[18,19]},"t":{"dtype":"BOOL","shape":[1],"data_offsets":[19,20]}}""",
            [.. BitConverter.GetBytes(1.5), .. BitConverter.GetBytes(-100L), 0xC0, 0x3F, 200, 1]);
        using var file = SafetensorsFile.Open(_path);
        Assert.Equal([1.5f], file.Floats("d"));
        Assert.Equal([-100], file.Ints("l"));
        Assert.Equal([1.5f], file.Floats("b"));
        Assert.Equal([200], file.Ints("u"));
        Assert.Equal([1], file.Ints("t"));
        Assert.Contains("'d' is F64", Assert.Throws<GraphException>(() => file.Ints("d")).Message, StringComparison.Ordinal);
        Assert.Contains("no tensor 'x'", Assert.Throws<GraphException>(() => file.Floats("x")).Message, StringComparison.Ordinal);
        Assert.Contains("expected 2", Assert.Throws<GraphException>(() => file.Read("d", new float[2])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I64", "32-bit")]
    [InlineData("BOOL", "0 or 1")]
    public void ValuesOutOfRangeAreRefused(string type, string expected)
    {
        int size = type == "I64" ? 8 : 1;
        Write($$$"""{"x":{"dtype":"{{{type}}}","shape":[1],"data_offsets":[0,{{{size}}}]}}""", [.. Enumerable.Repeat((byte)7, size)]);
        using var file = SafetensorsFile.Open(_path);
        Assert.Contains(expected, Assert.Throws<GraphException>(() => file.Ints("x")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "must start")]
    [InlineData(" {}", "must start")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{} x", "not valid JSON")]
    [InlineData("""{"x":1}""", "must be an object")]
    [InlineData("""{"x":{}}""", "'dtype' is missing")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1]}}""", "'data_offsets' is missing")]
    [InlineData("""{"x":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", "'dtype' is F31")]
    [InlineData("""{"x":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}""", "'dtype' is not a string")]
    [InlineData("""{"x":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "'dtype' is given twice")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""", "'more' is unknown")]
    [InlineData("""{"x":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", "'shape' must be an array")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "'shape' must hold")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", "'shape' must hold")]
    [InlineData("""{"x":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", "'shape' must hold")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", "overflows")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "needs 8")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "has 1 numbers")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "'data_offsets' is [4, 0]")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "inside the 4 data bytes")]
    [InlineData("""{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "1 bytes follow")]
    [InlineData("""{"x":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "hole")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}""", "overlaps")]
    [InlineData("""{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"x":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "'x' is given twice")]
    [InlineData("""{"__metadata__":1,"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "object of strings")]
    [InlineData("""{"__metadata__":{"a":1},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "'a' must be a string")]
    [InlineData("""{"__metadata__":{},"__metadata__":{},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "'__metadata__' is given twice")]
    public void MalformedHeadersAreRefused(string header, string expected)
    {
        Write(header, [0, 0, 0, 0]);
        string message = Assert.Throws<GraphException>(() => SafetensorsFile.Open(_path)).Message;
        Assert.Contains(_path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3L)]
    [InlineData(100_000_001L)]
    [InlineData(-1L)]
    public void HeaderLengthsBeyondTheFileAreRefused(long length)
    {
        byte[] bytes = new byte[10];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        File.WriteAllBytes(_path, bytes);
        Assert.Contains("header length", Assert.Throws<GraphException>(() => SafetensorsFile.Open(_path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(_path, bytes[..7]);
        Assert.Contains("7 bytes", Assert.Throws<GraphException>(() => SafetensorsFile.Open(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InvalidUtf8IsRefused()
    {
        byte[] header = Encoding.Latin1.GetBytes("{\"__metadata__\":{\"a\":\"\u00ff\"}}");
        File.WriteAllBytes(_path, [.. BitConverter.GetBytes((long)header.Length), .. header]);
        Assert.Throws<GraphException>(() => SafetensorsFile.Open(_path));
    }

    [Fact]
    public void MutatedFilesNeverFailOtherwise()
    {
        var writer = new SafetensorsWriter { Metadata = { ["a"] = "b" } };
        writer.Add("x", [2, 2], (ReadOnlyMemory<float>)new float[4]);
        writer.Add("y", [3], (ReadOnlyMemory<int>)new int[3]);
        writer.Save(_path);
        byte[] original = File.ReadAllBytes(_path);
        byte[] alphabet = Encoding.ASCII.GetBytes("0123456789-+.e[]{}\",:\\ua ");
        int refused = 0;
        for (uint round = 0; round < 2000; round++)
        {
            var random = new CounterRandom(7, 0, round, 0);
            byte[] bytes = [.. original];
            for (int change = random.NextInt(1, 4); change > 0; change--)
            {
                int place = random.NextInt(0, bytes.Length - 1);
                bytes[place] = random.NextInt(0, 1) == 0 ? (byte)random.NextUInt32() : alphabet[random.NextInt(0, alphabet.Length - 1)];
            }

            File.WriteAllBytes(_path, random.NextInt(0, 3) == 0 ? bytes[..random.NextInt(0, bytes.Length - 1)] : bytes);
            try
            {
                using var file = SafetensorsFile.Open(_path);
                foreach (TensorEntry entry in file.Tensors.Values)
                {
                    _ = entry.Type is TensorType.F32 ? file.Floats(entry.Name).Length : file.Ints(entry.Name).Length;
                }
            }
            catch (GraphException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 2000);
    }

    [Fact]
    public void AFailedWriteKeepsTheOldFile()
    {
        File.WriteAllText(_path, "old");
        var writer = new SafetensorsWriter();
        writer.Add("x", [1], (long _, Span<float> _) => throw new IOException("disk full"));
        Assert.Contains("disk full", Assert.Throws<GraphException>(() => writer.Save(_path)).Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(_path));
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(_path) + ".*.tmp"));
    }

    private void Write(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(_path, [.. BitConverter.GetBytes((long)json.Length), .. json, .. data]);
    }
}
