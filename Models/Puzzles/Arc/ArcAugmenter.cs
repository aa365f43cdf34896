namespace Graph.Models.Puzzles;

/// <summary>Draws different augmented forms of tasks, in the order in which TRM's builder draws them.</summary>
/// <remarks>A form that was there already is not kept, but its draws are spent; five trials a wanted form, so that tasks with few forms end.</remarks>
public sealed class ArcAugmenter(NumpyRandomState random)
{
    private const int TrialsPerForm = 5;

    /// <summary>Draws one symmetry, then one permutation of the colours other than black.</summary>
    public ArcAugmentation Draw(string task)
    {
        var symmetry = new Dihedral(random.RandInt(0, Dihedral.Count));
        Span<byte> colours = stackalloc byte[ArcGrid.Colours];
        for (var i = 0; i < colours.Length; i++)
        {
            colours[i] = (byte)i;
        }

        random.Shuffle(colours[1..]);
        return new ArcAugmentation(task, symmetry, new ColourMap(colours));
    }

    /// <summary>Up to <paramref name="count"/> forms whose hashes differ from the task's and from each other's.</summary>
    public List<ArcAugmentation> Draw(ArcTask task, int count)
    {
        ArgumentNullException.ThrowIfNull(task);
        var pairs = task.Pairs.ToArray();
        var seen = new HashSet<UInt128>();
        var forms = new List<ArcAugmentation>();
        Span<byte> hash = stackalloc byte[32];
        IsNew(ArcAugmentation.None(task.Name), hash);
        for (var trial = 0; trial < TrialsPerForm * (long)count && forms.Count < count; trial++)
        {
            var form = Draw(task.Name);
            if (IsNew(form, hash))
            {
                forms.Add(form);
            }
        }

        return forms;

        // Half of the hash: two of a task's forms agree in it by chance once in 2^100 builds.
        bool IsNew(ArcAugmentation form, Span<byte> hash)
        {
            ArcTaskHash.Write(pairs, form, hash);
            return seen.Add(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash));
        }
    }
}
