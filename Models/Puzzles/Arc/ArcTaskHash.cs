using System.Security.Cryptography;

namespace Graph.Models.Puzzles;

/// <summary>TRM's key of a task: which augmented forms are the same puzzle.</summary>
/// <remarks>SHA-256 of the sorted list of "hash of input|hash of output" over all pairs, joined by "|", hashes in lower-case hex.</remarks>
public static class ArcTaskHash
{
    private const int Digest = SHA256.HashSizeInBytes;
    private const int PairText = 4 * Digest + 1;

    /// <summary>The hash of a task's original form, in lower-case hex.</summary>
    public static string Of(ArcTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return Of([.. task.Pairs], ArcAugmentation.None(task.Name));
    }

    /// <summary>The hash of the augmented form of a task, in lower-case hex.</summary>
    public static string Of(IReadOnlyList<ArcPair> pairs, ArcAugmentation augmentation)
    {
        Span<byte> hash = stackalloc byte[Digest];
        Write(pairs, augmentation, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>The 32 bytes of the hash.</summary>
    internal static void Write(IReadOnlyList<ArcPair> pairs, ArcAugmentation augmentation, Span<byte> hash)
    {
        // Hex keeps the order of bytes, so sorting the digests sorts the texts.
        var digests = new byte[pairs.Count][];
        for (var i = 0; i < digests.Length; i++)
        {
            digests[i] = new byte[2 * Digest];
            augmentation.WriteHash(pairs[i].Input, digests[i].AsSpan(0, Digest));
            augmentation.WriteHash(pairs[i].Output, digests[i].AsSpan(Digest));
        }

        Array.Sort(digests, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        var text = new byte[digests.Length * (PairText + 1) - 1];
        text.AsSpan().Fill((byte)'|');
        for (var i = 0; i < digests.Length; i++)
        {
            var at = text.AsSpan(i * (PairText + 1));
            Convert.TryToHexStringLower(digests[i].AsSpan(0, Digest), at, out _);
            Convert.TryToHexStringLower(digests[i].AsSpan(Digest), at[(2 * Digest + 1)..], out _);
        }

        SHA256.HashData(text, hash);
    }
}
